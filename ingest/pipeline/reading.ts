import { crc32 } from "node:zlib";
import type { ReadingContent } from "../../broker/contract/readings.ts";
import { type ColumnType, type ColumnValue, READING_KINDS, type ReadingKind } from "../domain/reading-kinds.ts";

/** A device's report of its presence. */
export interface StatusContent {
  ts: number;
  seq?: number | undefined;
  state: "online" | "offline";
  session: string | undefined;
}

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
  /** the receiver's date was impossible, and `ts` is what it must have meant */
  timeCorrected?: true;
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
  return { deviceId, kind, content, ts, seq, receivedAt, origin, index, contentHash: contentHashOf(kind, content) };
}

type HashedKinds = { [K in ReadingKind]: { values: (content: ContentByKind[K]) => readonly ColumnValue[] } };
const VALUES: HashedKinds = READING_KINDS;

/**
 * Hashes the fields in which a repeat must agree: all columns but those of the identity. Never remove a column or change
 * the order: stored readings that are sent again would become conflicts.
 */
function contentHashOf<K extends ReadingKind>(kind: K, content: ContentByKind[K]): number {
  return HASHES[kind](VALUES[kind].values(content));
}

/** Kinds with fewer columns are hashed as if they had this many: their stored hashes depend on it. */
const MIN_NUMBERS = 8;

const HASHES = Object.fromEntries(
  Object.entries(READING_KINDS).map(([kind, { columns, identity }]) => {
    const hashed = Object.values<ColumnType>(columns).slice(identity.length);
    return [kind, hashed.includes("text") ? hashTexts : numberHash(identity.length, hashed.length)];
  }),
) as Record<ReadingKind, (values: readonly ColumnValue[]) => number>;

/** Hashes numbers as bits, a fifth of the cost of printing them. @param first the index of the first value to hash */
function numberHash(first: number, count: number): (values: readonly ColumnValue[]) => number {
  const numbers = new Float64Array(Math.max(MIN_NUMBERS, count));
  const bytes = new Uint8Array(numbers.buffer);
  return (values) => {
    for (let index = 0; index < count; index += 1) {
      const value = values[first + index];
      // NaN stands for an absent field; adding 0 makes -0, which no store keeps, 0.
      numbers[index] = (value === undefined ? Number.NaN : Number(value)) + 0;
    }
    return crc32(bytes) | 0;
  };
}

function hashTexts(values: readonly ColumnValue[]): number {
  return crc32(values.map(String).join("|")) | 0;
}
