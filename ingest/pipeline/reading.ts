import { crc32 } from "node:zlib";
import type { Kind, ReadingContent } from "../../broker/contract/readings.ts";

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
  /** the message it came in, and its place there */
  from: Origin;
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
export function sourceOf({ from, index }: Arrival): string {
  return `${from.source}/r${index}`;
}

/**
 * What a repeat must agree in, by kind: never take a field away or change the order, or what is stored becomes a
 * conflict when it is sent again. Numbers are hashed as bits, which costs a fifth of printing them.
 */
const HASHED: { [K in ArrivalKind]: (content: ArrivalContent[K]) => number } = {
  gps: ({ lat, lon, accuracy, speed, heading, altitude, satellites, battery }) =>
    hashOfNumbers(lat, lon, accuracy, speed, heading, altitude, satellites, battery),
  scale: ({ grams, stable }) => hashOfNumbers(grams, stable === undefined ? undefined : Number(stable)),
  env: ({ celsius, humidity, shock, lux, battery }) => hashOfNumbers(celsius, humidity, shock, lux, battery),
  rfid: ({ rssi, count }) => hashOfNumbers(rssi, count),
  scan: ({ code, symbology, action, quantity, location_id }) =>
    hashOfTexts(code, symbology, action, quantity, location_id),
  status: ({ state, session }) => hashOfTexts(state, session),
};

/** Builds an arrival; `content` must have passed its schema. */
export function arrivalOf<K extends ArrivalKind>(
  kind: K,
  content: ArrivalContent[K],
  deviceId: string,
  from: Origin,
  index: number,
): Arrival<K> {
  const { ts, seq = -1 } = content;
  const { receivedAt } = from.message;
  return { deviceId, kind, content, ts, seq, receivedAt, from, index, contentHash: HASHED[kind](content) };
}

const MOST_NUMBERS = 8;
const numbers = new Float64Array(MOST_NUMBERS);
const bitsOfNumbers = new Uint8Array(numbers.buffer);

function hashOfNumbers(...values: readonly (number | undefined)[]): number {
  numbers.fill(0);
  for (let index = 0; index < values.length; index += 1) {
    // Absent is no number; minus zero, which no store keeps, is zero.
    numbers[index] = (values[index] ?? Number.NaN) + 0;
  }
  return crc32(bitsOfNumbers) | 0;
}

function hashOfTexts(...values: readonly unknown[]): number {
  return crc32(values.map(String).join("|")) | 0;
}
