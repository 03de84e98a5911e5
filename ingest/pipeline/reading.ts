import { crc32 } from "node:zlib";
import type { Kind, ReadingContent } from "../../broker/contract/readings.ts";

/** What a device said of its own presence. */
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

/** One reading as it arrived: decoded, checked, and with the identity that makes a repeat recognisable. */
export interface Reading<K extends ReadingKind = ReadingKind> {
  deviceId: string;
  kind: K;
  content: ContentByKind[K];
  /** time of measurement, epoch milliseconds */
  ts: number;
  /** the device's own counter; -1: none */
  seq: number;
  receivedAt: number;
  /** the message it came in, and its place there */
  origin: Origin;
  index: number;
  /** tells a repeat from another reading under the same identity */
  contentHash: number;
}

/** Where a message came from. */
export interface Origin {
  readonly message: { readonly receivedAt: number };
  readonly source: string;
}

/** Names a reading for good: journal id, frame, message and place in the message. */
export function sourceOf({ origin, index }: Reading): string {
  return `${origin.source}/r${index}`;
}

/**
 * What a repeat must agree in, by kind: never take a field away or change the order, or what is stored becomes a
 * conflict when it is sent again. Numbers are hashed as bits, which costs a fifth of printing them.
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

/** Builds an reading; `content` must have passed its schema. */
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
    // Absent is no number; minus zero, which no store keeps, is zero.
    numbers[index] = (values[index] ?? Number.NaN) + 0;
  }
  return crc32(numberBytes) | 0;
}

function hashTexts(...values: readonly unknown[]): number {
  return crc32(values.map(String).join("|")) | 0;
}
