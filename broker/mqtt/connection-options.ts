import type { Backpressure } from "../uplink/backpressure.ts";

/** Limits of every connection, and the backpressure it obeys. */
export interface ConnectionOptions {
  maxPayloadBytes: number;
  /** from the accepted socket to a complete CONNECT */
  connectTimeoutMs: number;
  /** a client that reads none of its PUBACKs for this long is disconnected */
  drainTimeoutMs: number;
  backpressure: Backpressure;
}
