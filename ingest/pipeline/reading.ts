import { crc32 } from "node:zlib";
import type { Kind, ReadingContent } from "../../broker/contract/readings.ts";

/** A device's report of its presence. */
export interface StatusContent {
  ts: number;
  seq?: number | undefined;
  state: "online" | "offline";
  session: string | undefined;
}

export type ReadingKind = Kind | "status";

export interface ContentByKind extends ReadingContent {
  status: StatusContent;
}

/** One decoded and validated reading. Device, kind, `ts` and `seq` identify it (RFID: and tag and antenna). */
export interface Reading<K extends ReadingKind = ReadingKind> {
  deviceId: string;
  kind: K;
  content: ContentByKind[K];
  /** time of measurement, epoch milliseconds */
  ts: number;
  /** the device's own counter; -1: none */
  seq: number;
  receivedAt: number;
  /** the message it came in, and its position there */
  origin: Origin;
  index: number;
  /** a reading with the same identity and another hash is a conflict, no repeat */
  contentHash: number;
}

/** Where a message came from. */
export interface Origin {
  readonly message: { readonly receivedAt: number };
  readonly source: string;
}

/** The permanent name of a reading: journal id, frame, message, and position in the message. */
export function sourceOf({ origin, index }: Reading): string {
  return `${origin.source}/r${index}`;
}

/**
 * The fields in which a repeat must agree, by kind. Never remove a field or change the order: stored readings that are
 * sent again would become conflicts. Numbers are hashed as bits, a fifth of the cost of printing them.
 */
const CONTENT_HASH: { [K in ReadingKind]: (content: ContentByKind[K]) => number } = {
  gps: ({ lat, lon, accuracy, speed, heading, altitude, satellites, battery }) =>
    hashNumbers(lat, lon, accuracy, speed, heading, altitude, satellites, battery),
  scale: ({ grams, stable }) => hashNumbers(grams, stable === undefined ? undefined : Number(stable)),
  env: ({ celsius, humidity, shock, lux, battery }) => hashNumbers(celsius, humidity, shock, lux, battery),
  rfid: ({ rssi, count }) => hashNumbers(rssi, count),
  scan: ({ code, symbology, action, quantity, location_id }) =>
    hashTexts(code, symbology, action, quantity, location_id),
  status: ({ state, session }) => hashTexts(state, session),
};

/** Builds a reading; `content` must have passed its schema. */
export function createReading<K extends ReadingKind>(
  kind: K,
  content: ContentByKind[K],
  deviceId: string,
  origin: Origin,
  index: number,
): Reading<K> {
  const { ts, seq = -1 } = content;
  const { receivedAt } = origin.message;
  return { deviceId, kind, content, ts, seq, receivedAt, origin, index, contentHash: CONTENT_HASH[kind](content) };
}

const MAX_NUMBERS = 8;
const numbers = new Float64Array(MAX_NUMBERS);
const numberBytes = new Uint8Array(numbers.buffer);

function hashNumbers(...values: readonly (number | undefined)[]): number {
  numbers.fill(0);
  for (let index = 0; index < values.length; index += 1) {
    // NaN stands for an absent field; adding 0 makes -0, which no store keeps, 0.
    numbers[index] = (values[index] ?? Number.NaN) + 0;
  }
  return crc32(numberBytes) | 0;
}

function hashTexts(...values: readonly unknown[]): number {
  return crc32(values.map(String).join("|")) | 0;
}
