/**
 * Arrays in the binary format of Postgres (array_recv in src/backend/utils/adt/arrayfuncs.c). The driver passes a Buffer
 * on as a binary parameter. Unlike the text format, this one prints, parses and escapes nothing: a batch of thousands of
 * numbers costs both sides about half.
 */

/** Type OIDs of the elements (src/include/catalog/pg_type.dat). */
const OID = { bool: 16, int8: 20, int4: 23, text: 25, float8: 701, timestamptz: 1184 } as const;
const HEADER_BYTES = 20;
const LENGTH_BYTES = 4;
const NULL_LENGTH = -1;

/** Reads a column's value from a row; null and undefined become NULL. */
type ColumnReader<Row, T> = (row: Row) => T | null | undefined;

/** An array that is filled value by value: filling several in one loop over the rows costs a third of one loop each. */
abstract class BinaryArray {
  #bytes: Buffer;
  protected view: DataView;
  protected at = HEADER_BYTES;

  constructor(oid: number, length: number, elementBytes: number) {
    this.#bytes = Buffer.allocUnsafeSlow(HEADER_BYTES + length * (LENGTH_BYTES + elementBytes));
    this.view = new DataView(this.#bytes.buffer);
    // One dimension, may contain NULLs (Postgres checks for itself), element type, length, lower bound.
    [1, 1, oid, length, 1].forEach((field, index) => this.view.setInt32(index * 4, field));
  }

  protected addNull(): void {
    this.view.setInt32(this.at, NULL_LENGTH);
    this.at += LENGTH_BYTES;
  }

  /** The values added so far, as a query parameter. */
  get bytes(): Buffer {
    return this.#bytes.subarray(0, this.at);
  }

  protected grow(room: number): void {
    const bytes = Buffer.allocUnsafeSlow(Math.max(this.at + room, this.#bytes.length * 2));
    this.#bytes.copy(bytes, 0, 0, this.at);
    this.#bytes = bytes;
    this.view = new DataView(bytes.buffer);
  }

  protected writeText(value: string, at: number): number {
    return this.#bytes.write(value, at);
  }

  protected get room(): number {
    return this.#bytes.length - this.at;
  }
}

/** `float8[]`. */
export class Float8Column extends BinaryArray {
  constructor(length: number) {
    super(OID.float8, length, 8);
  }

  add(value: number | null | undefined): void {
    if (value === null || value === undefined) return this.addNull();
    this.view.setInt32(this.at, 8);
    this.view.setFloat64(this.at + 4, value);
    this.at += 12;
  }
}

/** `bigint[]` of safe integers. @throws RangeError for any other number */
export class BigintColumn extends BinaryArray {
  constructor(length: number, oid: number = OID.int8) {
    super(oid, length, 8);
  }

  add(value: number | null | undefined): void {
    if (value === null || value === undefined) return this.addNull();
    if (!Number.isSafeInteger(value)) throw new RangeError(`${value} is not an exact integer`);
    this.view.setInt32(this.at, 8);
    this.view.setInt32(this.at + 4, Math.floor(value / 0x1_0000_0000));
    this.view.setInt32(this.at + 8, value | 0);
    this.at += 12;
  }
}

/** 2000-01-01 UTC in epoch milliseconds: Postgres counts microseconds from there (src/include/datatype/timestamp.h). */
const POSTGRES_EPOCH_MS = 946_684_800_000;

/** `timestamptz[]` of whole epoch milliseconds. */
export class TimeColumn extends BigintColumn {
  constructor(length: number) {
    super(length, OID.timestamptz);
  }

  override add(epochMs: number | null | undefined): void {
    super.add(epochMs === null || epochMs === undefined ? epochMs : (epochMs - POSTGRES_EPOCH_MS) * 1000);
  }
}

/** `int[]`. @throws RangeError for a number that is not a 4-byte integer */
export class IntColumn extends BinaryArray {
  constructor(length: number) {
    super(OID.int4, length, 4);
  }

  add(value: number | null | undefined): void {
    if (value === null || value === undefined) return this.addNull();
    if ((value | 0) !== value) throw new RangeError(`${value} is not a 4-byte integer`);
    this.view.setInt32(this.at, 4);
    this.view.setInt32(this.at + 4, value);
    this.at += 8;
  }
}

/** `boolean[]`. */
export class BooleanColumn extends BinaryArray {
  constructor(length: number) {
    super(OID.bool, length, 1);
  }

  add(value: boolean | null | undefined): void {
    if (value === null || value === undefined) return this.addNull();
    this.view.setInt32(this.at, 1);
    this.view.setUint8(this.at + 4, value ? 1 : 0);
    this.at += 5;
  }
}

/** The most bytes that one UTF-16 code unit takes in UTF-8. */
const MAX_UTF8_BYTES = 3;
/** Most ids and codes are shorter. */
const USUAL_TEXT_BYTES = 24;
/** Up to this length a loop over the characters is faster than a call of the encoder. */
const SHORT_TEXT_LENGTH = 64;

/** `text[]`. */
export class TextColumn extends BinaryArray {
  /** @param bytesEach room for each text; the array grows where it does not suffice */
  constructor(length: number, bytesEach = USUAL_TEXT_BYTES) {
    super(OID.text, length, bytesEach);
  }

  add(value: string | null | undefined): void {
    const mostBytes = LENGTH_BYTES + (value?.length ?? 0) * MAX_UTF8_BYTES;
    // The exact length is counted only when the upper bound does not fit: growing copies up to megabytes.
    if (this.room < mostBytes && this.room < LENGTH_BYTES + Buffer.byteLength(value ?? "")) this.grow(mostBytes);
    if (value === null || value === undefined) return this.addNull();
    const bytes = this.#writeShort(value) ?? this.writeText(value, this.at + LENGTH_BYTES);
    this.view.setInt32(this.at, bytes);
    this.at += LENGTH_BYTES + bytes;
  }

  /** Writes a short ASCII text. @returns its bytes; undefined when it is too long or not ASCII */
  #writeShort(value: string): number | undefined {
    const { length } = value;
    if (length > SHORT_TEXT_LENGTH) return undefined;
    const from = this.at + LENGTH_BYTES;
    for (let index = 0; index < length; index += 1) {
      const code = value.charCodeAt(index);
      if (code > 0x7f) return undefined;
      this.view.setUint8(from + index, code);
    }
    return length;
  }
}

/** `float8[]` of one column. */
export function float8s<Row>(rows: readonly Row[], read: ColumnReader<Row, number>): Buffer {
  return filled(new Float8Column(rows.length), rows, read);
}

/** `bigint[]` of one column. */
export function int8s<Row>(rows: readonly Row[], read: ColumnReader<Row, number>): Buffer {
  return filled(new BigintColumn(rows.length), rows, read);
}

/** `timestamptz[]` of one column of whole epoch milliseconds. */
export function times<Row>(rows: readonly Row[], read: ColumnReader<Row, number>): Buffer {
  return filled(new TimeColumn(rows.length), rows, read);
}

/** `int[]` of one column. */
export function int4s<Row>(rows: readonly Row[], read: ColumnReader<Row, number>): Buffer {
  return filled(new IntColumn(rows.length), rows, read);
}

/** `boolean[]` of one column. */
export function booleans<Row>(rows: readonly Row[], read: ColumnReader<Row, boolean>): Buffer {
  return filled(new BooleanColumn(rows.length), rows, read);
}

/** `text[]` of one column. */
export function texts<Row>(rows: readonly Row[], read: ColumnReader<Row, string>): Buffer {
  let characters = 0;
  for (const row of rows) characters += read(row)?.length ?? 0;
  return filled(new TextColumn(rows.length, Math.ceil(characters / Math.max(1, rows.length))), rows, read);
}

function filled<Row, T>(
  array: { add(value: T | null | undefined): void; readonly bytes: Buffer },
  rows: readonly Row[],
  read: ColumnReader<Row, T>,
): Buffer {
  for (const row of rows) array.add(read(row));
  return array.bytes;
}
