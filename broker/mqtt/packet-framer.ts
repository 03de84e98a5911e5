/** The position of one whole MQTT packet in a buffer. */
export interface FramedPacket {
  bytes: Buffer;
  start: number;
  /** where the variable header begins */
  body: number;
  end: number;
  /** what it counts in the client's rate; see packet-cost.ts */
  cost: number;
}

export interface FramingViolation {
  violation: string;
}

/** Its control packet type (section 2.2.1). */
export const typeOf = ({ bytes, start }: FramedPacket): number => bytes[start]! >> 4;

const NO_BYTES = Buffer.alloc(0);

/**
 * Splits a byte stream into whole MQTT packets by their fixed headers (section 2.2), before anything parses them.
 * A packet whose header announces more than the limit is a violation at once: none of it is buffered. An unfinished packet
 * takes at most twice its bytes in memory, however small the pieces are in which it arrives.
 */
export class PacketFramer {
  #bytes: Buffer = NO_BYTES;
  #offset = 0;
  #end = 0;
  /** bytes needed from the offset before the next packet can be complete */
  #neededBytes = 2;
  /** including the fixed header */
  maxPacketBytes: number;

  constructor(maxPacketBytes: number) {
    this.maxPacketBytes = maxPacketBytes;
  }

  /** Whether bytes are left that may hold a whole packet. */
  get hasMore(): boolean {
    return this.#end - this.#offset >= this.#neededBytes;
  }

  /** The type of the next packet (section 2.2.1); only where `hasMore`. */
  get nextType(): number {
    return this.#bytes[this.#offset]! >> 4;
  }

  /** Adds bytes. @returns whether a packet may be complete now */
  add(chunk: Buffer): boolean {
    if (this.#offset === this.#end) {
      this.#bytes = chunk;
      this.#offset = 0;
      this.#end = chunk.length;
    } else this.#append(chunk);
    return this.hasMore;
  }

  /** The next whole packet; undefined: the rest is kept until more bytes arrive. */
  next(): FramedPacket | FramingViolation | undefined {
    const bytes = this.#bytes;
    const start = this.#offset;
    let length = 0;
    for (let digit = 0; digit < 4; digit++) {
      const at = start + 1 + digit;
      if (at >= this.#end) return this.#retain(digit + 2);
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
      if (end > this.#end) return this.#retain(end - start);
      this.#offset = end;
      this.#neededBytes = 2;
      return { bytes, start, body, end, cost: 1 };
    }
    return undefined;
  }

  /** Packets that were handed out are views of the buffer, so what is in it stays in place. */
  #append(chunk: Buffer): void {
    const kept = this.#end - this.#offset;
    const size = kept + chunk.length;
    // Only a buffer of ours has room behind its end: see `#retain`.
    if (this.#end + chunk.length > this.#bytes.length) {
      const grown = Buffer.allocUnsafeSlow(Math.max(size, Math.min(2 * size, this.#neededBytes)));
      this.#bytes.copy(grown, 0, this.#offset, this.#end);
      this.#bytes = grown;
      this.#offset = 0;
      this.#end = kept;
    }
    chunk.copy(this.#bytes, this.#end);
    this.#end += chunk.length;
  }

  #retain(neededBytes: number): undefined {
    this.#neededBytes = neededBytes;
    const kept = this.#end - this.#offset;
    // A short rest is copied, so that it does not keep its whole chunk in memory: idle connections number in thousands.
    if (kept === 0) this.#bytes = NO_BYTES;
    else if (kept * 4 < this.#bytes.length) this.#bytes = Buffer.from(this.#bytes.subarray(this.#offset, this.#end));
    else return undefined;
    this.#offset = 0;
    this.#end = kept;
    return undefined;
  }
}
