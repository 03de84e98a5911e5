/** Writes numbers one after the other, to be read in the same order by ByteReader. Grows as needed. */
export class ByteWriter {
  #bytes = Buffer.alloc(4_096);
  #view = new DataView(this.#bytes.buffer, this.#bytes.byteOffset, this.#bytes.length);
  #at = 0;

  /** Writes 8 bytes. Minus zero becomes zero, as in JSON. */
  double(value: number): void {
    this.#reserve(8);
    this.#view.setFloat64(this.#at, value + 0);
    this.#at += 8;
  }

  /** Writes 4 bytes. @throws RangeError unless the value is a 4-byte integer */
  int(value: number): void {
    if ((value | 0) !== value) throw new RangeError(`${value} is not a 4-byte integer`);
    this.#reserve(4);
    this.#view.setInt32(this.#at, value);
    this.#at += 4;
  }

  /** Returns everything written so far in base64, and starts anew. */
  finish(): string {
    const text = this.#bytes.toString("base64", 0, this.#at);
    this.#at = 0;
    return text;
  }

  /** Discards everything written so far. */
  clear(): void {
    this.#at = 0;
  }

  #reserve(bytes: number): void {
    if (this.#at + bytes <= this.#bytes.length) return;
    const grown = Buffer.alloc(this.#bytes.length * 2);
    this.#bytes.copy(grown);
    this.#bytes = grown;
    this.#view = new DataView(grown.buffer, grown.byteOffset, grown.length);
  }
}

/** Reads what ByteWriter wrote. */
export class ByteReader {
  readonly #view: DataView;
  #at = 0;

  constructor(base64: string) {
    const bytes = Buffer.from(base64, "base64");
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  }

  isAtEnd(): boolean {
    return this.#at >= this.#view.byteLength;
  }

  /** @throws RangeError past the end */
  double(): number {
    this.#at += 8;
    return this.#view.getFloat64(this.#at - 8);
  }

  /** @throws RangeError past the end */
  int(): number {
    this.#at += 4;
    return this.#view.getInt32(this.#at - 4);
  }
}
