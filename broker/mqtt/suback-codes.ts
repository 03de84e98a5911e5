import { packetsIn } from "./outbound-packets.ts";

/** What one SUBSCRIBE asked for, where it names a filter more than once. */
interface Asked {
  /** for each filter in turn: which of the distinct ones it is, and at which QoS it was asked for */
  filters: Array<{ distinct: number; qos: number }>;
}

const SUBACK = 9;
const FAILURE = 0x80;
/** more than this many such SUBSCRIBEs without an answer, and the oldest gets the parser's own */
const MAX_WAITING = 16;

/**
 * The parser behind answers each distinct filter of a SUBSCRIBE once; the standard wants a return code for each filter
 * as it was sent [MQTT-3.9.3-1]. Remembers the few packets that repeat a filter, and mends their answers.
 */
export class SubackCodes {
  readonly #asked = new Map<number, Asked>();

  /** Looks at a SUBSCRIBE that keeps the rules, with its variable header from `body` to `end`. */
  recordSubscribe(bytes: Buffer, body: number, end: number): void {
    const distinct = new Map<string, number>();
    const filters: Asked["filters"] = [];
    for (let at = body + 2; at < end;) {
      const text = at + 2;
      at = text + bytes.readUInt16BE(at);
      const filter = bytes.toString("utf8", text, at);
      if (!distinct.has(filter)) distinct.set(filter, distinct.size);
      filters.push({ distinct: distinct.get(filter)!, qos: bytes[at++]! });
    }
    if (distinct.size === filters.length) return;
    if (this.#asked.size >= MAX_WAITING) this.#asked.delete(this.#asked.keys().next().value!);
    this.#asked.set(bytes.readUInt16BE(body), { filters });
  }

  /** @param bytes whole packets on their way out */
  rewriteOutbound(bytes: Buffer): Buffer {
    if (this.#asked.size === 0) return bytes;
    const parts: Buffer[] = [];
    for (const { start, body, end } of packetsIn(bytes)) {
      const packet = bytes.subarray(start, end);
      parts.push(packet[0]! >> 4 === SUBACK ? this.#mendOne(packet, body - start) : packet);
    }
    return Buffer.concat(parts);
  }

  #mendOne(packet: Buffer, body: number): Buffer {
    const packetId = packet.readUInt16BE(body);
    const asked = this.#asked.get(packetId);
    if (!asked) return packet;
    this.#asked.delete(packetId);
    const granted = packet.subarray(body + 2);
    const codes = asked.filters.map(({ distinct, qos }) => {
      const code = granted[distinct] ?? FAILURE;
      return code === FAILURE ? FAILURE : Math.min(code, qos);
    });
    return Buffer.concat([
      Buffer.from([SUBACK << 4, ...remainingLength(codes.length + 2)]),
      packet.subarray(body, body + 2),
      Buffer.from(codes),
    ]);
  }
}

/** Section 2.2.3; a SUBACK of a packet within our limit needs three bytes at most. */
function remainingLength(length: number): number[] {
  const bytes: number[] = [];
  for (let rest = length; bytes.length === 0 || rest > 0; rest >>= 7)
    bytes.push((rest & 0x7f) | (rest > 0x7f ? 0x80 : 0));
  return bytes;
}
