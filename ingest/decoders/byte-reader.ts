/** Reads big-endian numbers one after the other. Throws `RangeError` past the end; callers handle it. */
export class ByteReader {
  readonly #bytes: Buffer;
  offset = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  get remaining(): number {
    return this.#bytes.length - this.offset;
  }

  /** An unsigned number of 1, 2, 4 or 8 bytes; 8 bytes lose precision above 2⁵³. */
  unsigned(width: number): number {
    if (width === 8) return this.unsigned(4) * 2 ** 32 + this.unsigned(4);
    const value = this.#bytes.readUIntBE(this.offset, width);
    this.offset += width;
    return value;
  }

  signed(width: number): number {
    const value = this.#bytes.readIntBE(this.offset, width);
    this.offset += width;
    return value;
  }

  skip(length: number): void {
    if (length > this.remaining) throw new RangeError("past the end");
    this.offset += length;
  }
}
