import type { DecodedReading } from "../../broker/contract/readings.ts";
import type { IgnoredField } from "../domain/ignored-field.ts";
import type { PayloadFields } from "../domain/payload-fields.ts";

/** Why a message, or a part of it, is not a reading. The codes are stable: they are stored, counted and shown. */
export type RejectionReason =
  | "not-json"
  | "empty"
  | "too-many-readings"
  | "not-a-reading"
  | "malformed"
  | "bad-checksum"
  | "impossible-date"
  | "unclear-code"
  | "bad-time"
  | "implausible_time"
  | "future"
  | "no-fix"
  | "overload"
  | "unsupported"
  | "unknown-decoder";

/** One part of a message that is not a reading; the other parts are kept. */
export interface Rejection {
  /** position in the message: 0 for a single object or for the message as a whole */
  index: number;
  reason: RejectionReason;
  /** what is wrong and where, in one line for people */
  detail: string;
  /** the part at fault, in the format of the message, when other parts of the message were kept */
  part?: string;
}

/** A report of a device's presence, by the device or its gateway. */
export interface StatusReport {
  /** epoch milliseconds; the time of receipt if the format carries none (an MQTT will cannot) */
  ts: number;
  seq?: number | undefined;
  state: "online" | "offline";
  /** identifies one connection, so that the will of an old one cannot mark a new one offline */
  session: string | undefined;
}

/** A message to the device that sent the decoded one. */
export interface Reply {
  topic: string;
  payload: Buffer;
}

/** One message as the device sent it. */
export interface DecodeInput {
  topic: string;
  deviceId: string;
  payload: Buffer;
  /** epoch milliseconds; decoders use no other clock */
  receivedAt: number;
  /** what this decoder returned as `state` for the device's previous message; plain JSON */
  state?: unknown;
  /** what the fields of a decoded payload are, by the profile of the device that has one of these names */
  payloadFieldsOf?: (ids: readonly string[]) => PayloadFields | undefined;
}

/** The content of a message. `readings`, and `index` of rejections, are in the order of the message. */
export interface Decoded {
  readings: DecodedReading[];
  rejections: Rejection[];
  /** information for the person who sets up the device; no reading was lost */
  warnings: string[];
  /** fields that were not used; absent when there are none. Messages with the same such fields may share one list */
  ignored?: readonly IgnoredField[];
  /** reports of presence; absent when there are none */
  statuses?: readonly StatusReport[];
  /** a message to the device in its own protocol; sent at most once, if the device is connected and has subscribed */
  reply?: Reply;
  /** passed in with the device's next message, for formats in which messages depend on earlier ones */
  state?: unknown;
  /** what a server forwards of its devices, by the decoders in forwarded/ */
  forwarded?: readonly ForwardedMessage[];
}

/** What a server forwards of one of its devices. */
export interface ForwardedMessage {
  /** the names that the device has there, in the order in which it is looked for; empty: the message names none */
  ids: readonly string[];
  decoded: Decoded;
  /** its text, where a message holds several */
  part?: string;
}

/**
 * Turns the bytes of one wire format into readings. Pure: the same input gives the same output, also on replay. Bad input
 * gives rejections; a decoder that throws has a bug.
 */
export type Decoder = (input: DecodeInput) => Decoded;

export const emptyDecoded = (): Decoded => ({ readings: [], rejections: [], warnings: [] });

/** A message that is rejected as a whole. */
export function rejected(reason: RejectionReason, detail: string): Decoded {
  return { ...emptyDecoded(), rejections: [{ index: 0, reason, detail }] };
}
