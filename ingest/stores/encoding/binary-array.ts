/**
 * Arrays as Postgres sends them in its binary format (array_send in src/backend/utils/adt/arrayfuncs.c). The driver
 * passes a Buffer on as a binary parameter. Against the text format, thousands of numbers are neither printed here nor
 * parsed there, and no quote is escaped: a batch costs both sides about half.
 */

/** Type ids of the elements (pg_type.dat). */
const OID = { bool: 16, int8: 20, int4: 23, text: 25, float8: 701, timestamptz: 1184 } as const;
const HEADER_BYTES = 20;
const LENGTH_BYTES = 4;
const NULL_LENGTH = -1;

/** Reads a column's value off a row; null and undefined are NULL. */
type ColumnOf<Row, T> = (row: Row) => T | null | undefined;

/** An array that is filled value by value: several of them in one loop over rows cost a third of one loop for each. */
abstract class BinaryArray {
  #bytes: Buffer;
  protected view: DataView;
  protected at = HEADER_BYTES;

  constructor(oid: number, length: number, elementBytes: number) {
    this.#bytes = Buffer.allocUnsafeSlow(HEADER_BYTES + length * (LENGTH_BYTES + elementBytes));
    this.view = new DataView(this.#bytes.buffer);
    // One dimension, may hold NULLs (Postgres looks itself), element type, length, lower bound.
    [1, 1, oid, length, 1].forEach((word, index) => this.view.setInt32(index * 4, word));
  }

  protected addNull(): void {
    this.view.setInt32(this.at, NULL_LENGTH);
    this.at += LENGTH_BYTES;
  }

  /** What has been added, as a parameter. */
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

/** `bigint[]`; whole numbers a double holds exactly. */
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

/** 2000-01-01 UTC, which Postgres counts microseconds from (src/include/datatype/timestamp.h), epoch milliseconds. */
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

/** `int[]`. */
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

/** UTF-8 takes at most this many bytes for a UTF-16 unit. */
const MAX_UTF8_BYTES = 3;
/** Ids and codes are no longer. */
const USUAL_TEXT_BYTES = 24;
/** Up to this length a loop over characters is faster than the encoder's call. */
const SHORT_TEXT = 64;

/** `text[]`. */
export class TextColumn extends BinaryArray {
  /** @param bytesEach what most of them have room in */
  constructor(length: number, bytesEach = USUAL_TEXT_BYTES) {
    super(OID.text, length, bytesEach);
  }

  add(value: string | null | undefined): void {
    const most = LENGTH_BYTES + (value?.length ?? 0) * MAX_UTF8_BYTES;
    // Counted only where it matters: a copy of megabytes costs more.
    if (this.room < most && this.room < LENGTH_BYTES + Buffer.byteLength(value ?? "")) this.grow(most);
    if (value === null || value === undefined) return this.addNull();
    const bytes = this.#writeShort(value) ?? this.writeText(value, this.at + LENGTH_BYTES);
    this.view.setInt32(this.at, bytes);
    this.at += LENGTH_BYTES + bytes;
  }

  /** undefined: too long, or not ASCII */
  #writeShort(value: string): number | undefined {
    const { length } = value;
    if (length > SHORT_TEXT) return undefined;
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
export function float8s<Row>(rows: readonly Row[], of: ColumnOf<Row, number>): Buffer {
  return filled(new Float8Column(rows.length), rows, of);
}

/** `bigint[]` of one column. */
export function int8s<Row>(rows: readonly Row[], of: ColumnOf<Row, number>): Buffer {
  return filled(new BigintColumn(rows.length), rows, of);
}

/** `timestamptz[]` of one column of whole epoch milliseconds. */
export function times<Row>(rows: readonly Row[], of: ColumnOf<Row, number>): Buffer {
  return filled(new TimeColumn(rows.length), rows, of);
}

/** `int[]` of one column. */
export function int4s<Row>(rows: readonly Row[], of: ColumnOf<Row, number>): Buffer {
  return filled(new IntColumn(rows.length), rows, of);
}

/** `boolean[]` of one column. */
export function booleans<Row>(rows: readonly Row[], of: ColumnOf<Row, boolean>): Buffer {
  return filled(new BooleanColumn(rows.length), rows, of);
}

/** `text[]` of one column. */
export function texts<Row>(rows: readonly Row[], of: ColumnOf<Row, string>): Buffer {
  let characters = 0;
  for (const row of rows) characters += of(row)?.length ?? 0;
  return filled(new TextColumn(rows.length, Math.ceil(characters / Math.max(1, rows.length))), rows, of);
}

function filled<Row, T>(
  array: { add(value: T | null | undefined): void; readonly bytes: Buffer },
  rows: readonly Row[],
  of: ColumnOf<Row, T>,
): Buffer {
  for (const row of rows) array.add(of(row));
  return array.bytes;
}
