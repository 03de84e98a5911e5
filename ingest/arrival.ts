import { crc32 } from "node:zlib";
import { type Kind, type ReadingContent, SERIES_COLUMNS } from "../broker/contract/readings.ts";

/** What a device said of its own presence. */
export interface StatusContent {
  ts: number;
  seq?: number | undefined;
  state: "online" | "offline";
  session: string | undefined;
}

export type ArrivalKind = Kind | "status";

export interface ArrivalContent extends ReadingContent {
  status: StatusContent;
}

/** One reading as it arrived: decoded, checked, and with the identity that makes a repeat recognisable. */
export interface Arrival<K extends ArrivalKind = ArrivalKind> {
  deviceId: string;
  kind: K;
  content: ArrivalContent[K];
  /** time of measurement, epoch milliseconds */
  ts: number;
  /** the device's own counter; -1: none */
  seq: number;
  receivedAt: number;
  /** journal id, segment, offset, message and reading index: where it came from */
  source: string;
  topic: string;
  /** tells a repeat from another reading under the same identity */
  contentHash: number;
}

/** Columns a repeat must agree in. Those of numbers are hashed as bits, which costs a fifth of printing them. */
const HASHED_NUMBERS: Partial<Record<ArrivalKind, readonly string[]>> = { ...SERIES_COLUMNS, rfid: ["rssi", "count"] };
const HASHED_TEXTS: Partial<Record<ArrivalKind, readonly string[]>> = {
  scan: ["code", "symbology", "action", "quantity", "location_id"],
  status: ["state", "session"],
};
const MOST_NUMBERS = 8;
const numbers = new Float64Array(MOST_NUMBERS);
const bitsOfNumbers = new Uint8Array(numbers.buffer);

/** Builds an arrival; `content` must have passed its schema. */
export function arrivalOf<K extends ArrivalKind>(
  kind: K,
  content: ArrivalContent[K],
  { deviceId, receivedAt, source, topic }: { deviceId: string; receivedAt: number; source: string; topic: string },
): Arrival<K> {
  const { ts, seq = -1 } = content;
  return { deviceId, kind, content, ts, seq, receivedAt, source, topic, contentHash: hashOf(kind, content) };
}

function hashOf(kind: ArrivalKind, content: object): number {
  const values = content as Readonly<Record<string, unknown>>;
  const columns = HASHED_NUMBERS[kind];
  if (columns === undefined) {
    const texts = HASHED_TEXTS[kind]!.map((name) => String(values[name]));
    return crc32(texts.join("|")) | 0;
  }
  numbers.fill(0);
  for (let index = 0; index < columns.length; index += 1) {
    const value = values[columns[index]!];
    // Absent is no number; minus zero, which no store keeps, is zero.
    numbers[index] = value === undefined ? Number.NaN : Number(value) + 0;
  }
  return crc32(bitsOfNumbers) | 0;
}
