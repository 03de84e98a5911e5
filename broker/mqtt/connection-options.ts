import type { Gate } from "../uplink/rate-limiter.ts";

/** What the guard of every connection is told. */
export interface GuardOptions {
  maxPayloadBytes: number;
  /** from the accepted connection to its complete CONNECT */
  connectTimeoutMs: number;
  /** a sender that takes none of its PUBACKs for this long is cut */
  drainTimeoutMs: number;
  gate: Gate;
}
