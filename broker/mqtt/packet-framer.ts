/** A stretch of bytes that is one whole MQTT packet. */
export interface FramedPacket {
  bytes: Buffer;
  start: number;
  /** where the variable header begins */
  body: number;
  end: number;
}

export type FramingViolation = { violation: string };

const NOTHING = Buffer.alloc(0);
const NO_PARTS: Buffer[] = [];

/**
 * Cuts a byte stream into whole MQTT packets by their fixed headers (section 2.2), before anything parses them.
 * A packet that is announced larger than the limit is a fault at its first bytes: nothing of it is kept.
 */
export class PacketFramer {
  #parts: Buffer[] = NO_PARTS;
  #held = 0;
  /** bytes that must be there before another look is worth it */
  #wanted = 2;
  #bytes: Buffer = NOTHING;
  #at = 0;
  /** of one packet, its fixed header included */
  maxPacketBytes: number;

  constructor(maxPacketBytes: number) {
    this.maxPacketBytes = maxPacketBytes;
  }

  /** Adds bytes; false while they complete nothing. */
  add(chunk: Buffer): boolean {
    if (this.#parts.length === 0) this.#parts = [chunk];
    else this.#parts.push(chunk);
    this.#held += chunk.length;
    if (this.#held < this.#wanted) return false;
    this.#bytes = this.#parts.length === 1 ? chunk : Buffer.concat(this.#parts, this.#held);
    this.#at = 0;
    return true;
  }

  /** The next whole packet; undefined where the bytes end, and what is left of them waits for more. */
  next(): FramedPacket | FramingViolation | undefined {
    const bytes = this.#bytes;
    const start = this.#at;
    let length = 0;
    for (let digit = 0; digit < 4; digit++) {
      const at = start + 1 + digit;
      if (at >= bytes.length) return this.#keep(start, digit + 2);
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
      if (end > bytes.length) return this.#keep(start, end - start);
      this.#at = end;
      return { bytes, start, body, end };
    }
    return undefined;
  }

  #keep(start: number, wanted: number): undefined {
    // What is left must not keep the whole chunk it came in alive: thousands of idle connections have one each.
    const rest = start === this.#bytes.length ? NOTHING : this.#bytes.subarray(start);
    this.#parts = rest.length === 0 ? NO_PARTS : [rest.length * 4 < this.#bytes.length ? Buffer.from(rest) : rest];
    this.#held = rest.length;
    this.#wanted = wanted;
    this.#bytes = NOTHING;
    this.#at = 0;
    return undefined;
  }
}
