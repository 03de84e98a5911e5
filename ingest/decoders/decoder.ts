import type { DecodedReading } from "../../broker/contract/readings.ts";

/** Why something that arrived is not a reading. Stable codes: they are stored, counted and shown. */
export type RejectionReason =
  | "not-json"
  | "empty"
  | "too-many-readings"
  | "not-a-reading"
  | "malformed"
  | "bad-checksum"
  | "bad-time"
  | "no-fix"
  | "overload"
  | "unsupported"
  | "unknown-decoder";

/** One part of a message that is not a reading; its neighbours are kept. */
export interface Rejection {
  /** position in the message: 0 for a single object or for the message as a whole */
  index: number;
  reason: RejectionReason;
  /** what was wrong and where, in one readable line */
  detail: string;
}

/** What a device, or the gateway it hangs on, said of its presence. */
export interface StatusReport {
  /** when it was so, epoch milliseconds; the time of receipt where the format carries none, as a will cannot */
  ts: number;
  seq?: number | undefined;
  state: "online" | "offline";
  /** names one connection, so that an old will cannot mark a new one offline */
  session: string | undefined;
}

/** One message as it came from the wire. */
export interface DecodeInput {
  topic: string;
  deviceId: string;
  payload: Buffer;
  /** epoch milliseconds; the only clock a decoder knows */
  receivedAt: number;
  /** what this decoder returned as `state` for the device's previous message; plain JSON */
  state?: unknown;
}

/** What a message says. `index` of a rejection and the order of `readings` follow the message. */
export interface Decoded {
  readings: DecodedReading[];
  rejections: Rejection[];
  /** things a person setting up the device should know; nothing was lost by them */
  warnings: string[];
  status?: StatusReport;
  /** to be handed back with the device's next message, when the format needs memory */
  state?: unknown;
}

/**
 * Turns the bytes of one wire format into readings. Pure: the same input gives the same output, on replay too. Bad
 * input is a returned rejection; a thrown error is a fault of ours.
 */
export type Decoder = (input: DecodeInput) => Decoded;

export const nothing = (): Decoded => ({ readings: [], rejections: [], warnings: [] });

/** A message of which nothing can be read. */
export function refused(reason: RejectionReason, detail: string): Decoded {
  return { ...nothing(), rejections: [{ index: 0, reason, detail }] };
}
