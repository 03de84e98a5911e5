/**
 * Arrays as Postgres sends them in its binary format (array_send in src/backend/utils/adt/arrayfuncs.c). The driver
 * passes a Buffer on as a binary parameter. Against the text format, thousands of numbers are neither printed here nor
 * parsed there, and no quote is escaped: a batch costs both sides about half.
 */

/** Type ids of the elements (pg_type.dat). */
const OID = { bool: 16, int8: 20, int4: 23, text: 25, float8: 701 } as const;
const HEADER_BYTES = 20;
const LENGTH_BYTES = 4;
const NULL_LENGTH = -1;

/** Reads a column's value off a row; null and undefined are NULL. */
type ColumnOf<Row, T> = (row: Row) => T | null | undefined;

/** `float8[]`. */
export function float8s<Row>(rows: readonly Row[], of: ColumnOf<Row, number>): Buffer {
  return fixed(OID.float8, 8, rows, of, (buffer, value, at) => buffer.writeDoubleBE(value, at));
}

/** `bigint[]`; whole numbers a double holds exactly. */
export function int8s<Row>(rows: readonly Row[], of: ColumnOf<Row, number>): Buffer {
  return fixed(OID.int8, 8, rows, of, (buffer, value, at) => {
    if (!Number.isSafeInteger(value)) throw new RangeError(`${value} is not an exact integer`);
    buffer.writeInt32BE(Math.floor(value / 0x1_0000_0000), at);
    buffer.writeUInt32BE(value >>> 0, at + 4);
  });
}

/** `int[]`. */
export function int4s<Row>(rows: readonly Row[], of: ColumnOf<Row, number>): Buffer {
  return fixed(OID.int4, 4, rows, of, (buffer, value, at) => {
    if ((value | 0) !== value) throw new RangeError(`${value} is not a 4-byte integer`);
    buffer.writeInt32BE(value, at);
  });
}

/** `boolean[]`. */
export function booleans<Row>(rows: readonly Row[], of: ColumnOf<Row, boolean>): Buffer {
  return fixed(OID.bool, 1, rows, of, (buffer, value, at) => buffer.writeUInt8(value ? 1 : 0, at));
}

/** UTF-8 takes at most this many bytes for a UTF-16 unit. */
const MAX_UTF8_BYTES = 3;

/** `text[]`. */
export function texts<Row>(rows: readonly Row[], of: ColumnOf<Row, string>): Buffer {
  let most = HEADER_BYTES;
  for (const row of rows) most += LENGTH_BYTES + (of(row)?.length ?? 0) * MAX_UTF8_BYTES;
  const buffer = Buffer.allocUnsafe(most);
  let at = writeHeader(buffer, OID.text, rows.length);
  for (const row of rows) {
    const value = of(row);
    const length = value === null || value === undefined ? NULL_LENGTH : buffer.write(value, at + LENGTH_BYTES);
    buffer.writeInt32BE(length, at);
    at += LENGTH_BYTES + Math.max(0, length);
  }
  return buffer.subarray(0, at);
}

function fixed<Row, T>(
  oid: number,
  elementBytes: number,
  rows: readonly Row[],
  of: ColumnOf<Row, T>,
  write: (buffer: Buffer, value: T, at: number) => void,
): Buffer {
  const buffer = Buffer.allocUnsafe(HEADER_BYTES + rows.length * (LENGTH_BYTES + elementBytes));
  let at = writeHeader(buffer, oid, rows.length);
  for (const row of rows) {
    const value = of(row);
    const isNull = value === null || value === undefined;
    buffer.writeInt32BE(isNull ? NULL_LENGTH : elementBytes, at);
    at += LENGTH_BYTES;
    if (isNull) continue;
    write(buffer, value, at);
    at += elementBytes;
  }
  return buffer.subarray(0, at);
}

/** One dimension, may hold NULLs (Postgres looks itself), element type, length, lower bound. */
function writeHeader(buffer: Buffer, oid: number, length: number): number {
  buffer.writeInt32BE(1, 0);
  buffer.writeInt32BE(1, 4);
  buffer.writeInt32BE(oid, 8);
  buffer.writeInt32BE(length, 12);
  buffer.writeInt32BE(1, 16);
  return HEADER_BYTES;
}
