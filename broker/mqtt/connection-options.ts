import type { Backpressure } from "../uplink/backpressure.ts";

/** What the guard of every connection is told. */
export interface ConnectionOptions {
  maxPayloadBytes: number;
  /** from the accepted connection to its complete CONNECT */
  connectTimeoutMs: number;
  /** a sender that takes none of its PUBACKs for this long is cut */
  drainTimeoutMs: number;
  backpressure: Backpressure;
}
