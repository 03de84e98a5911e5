/** The position of one whole MQTT packet in a buffer. */
export interface FramedPacket {
  bytes: Buffer;
  start: number;
  /** where the variable header begins */
  body: number;
  end: number;
}

export interface FramingViolation {
  violation: string;
}

const NO_BYTES = Buffer.alloc(0);
const NO_CHUNKS: Buffer[] = [];

/**
 * Splits a byte stream into whole MQTT packets by their fixed headers (section 2.2), before anything parses them.
 * A packet whose header announces more than the limit is a violation at once: none of it is buffered.
 */
export class PacketFramer {
  #chunks: Buffer[] = NO_CHUNKS;
  #bufferedBytes = 0;
  /** bytes needed before the next packet can be complete */
  #neededBytes = 2;
  #bytes: Buffer = NO_BYTES;
  #offset = 0;
  /** including the fixed header */
  maxPacketBytes: number;

  constructor(maxPacketBytes: number) {
    this.maxPacketBytes = maxPacketBytes;
  }

  /** Adds bytes. @returns whether a packet may be complete now */
  add(chunk: Buffer): boolean {
    if (this.#chunks.length === 0) this.#chunks = [chunk];
    else this.#chunks.push(chunk);
    this.#bufferedBytes += chunk.length;
    if (this.#bufferedBytes < this.#neededBytes) return false;
    this.#bytes = this.#chunks.length === 1 ? chunk : Buffer.concat(this.#chunks, this.#bufferedBytes);
    this.#offset = 0;
    return true;
  }

  /** The next whole packet; undefined: the rest is kept until more bytes arrive. */
  next(): FramedPacket | FramingViolation | undefined {
    const bytes = this.#bytes;
    const start = this.#offset;
    let length = 0;
    for (let digit = 0; digit < 4; digit++) {
      const at = start + 1 + digit;
      if (at >= bytes.length) return this.#retain(start, digit + 2);
      const byte = bytes[at]!;
      length |= (byte & 0x7f) << (7 * digit);
      if (byte & 0x80) {
        if (digit === 3) return { violation: "the remaining length has more than four bytes (section 2.2.3)" };
        continue;
      }
      const body = at + 1;
      const end = body + length;
      if (end - start > this.maxPacketBytes) {
        return { violation: `a packet of ${end - start} bytes; the limit is ${this.maxPacketBytes}` };
      }
      if (end > bytes.length) return this.#retain(start, end - start);
      this.#offset = end;
      return { bytes, start, body, end };
    }
    return undefined;
  }

  #retain(start: number, neededBytes: number): undefined {
    // A short rest is copied, so that it does not keep its whole chunk in memory: idle connections number in thousands.
    const rest = start === this.#bytes.length ? NO_BYTES : this.#bytes.subarray(start);
    this.#chunks = rest.length === 0 ? NO_CHUNKS : [rest.length * 4 < this.#bytes.length ? Buffer.from(rest) : rest];
    this.#bufferedBytes = rest.length;
    this.#neededBytes = neededBytes;
    this.#bytes = NO_BYTES;
    this.#offset = 0;
    return undefined;
  }
}
