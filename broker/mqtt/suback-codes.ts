import { packetsIn } from "./outbound-packets.ts";

/** A SUBSCRIBE that names a filter more than once: for each filter its index among the distinct ones, and its QoS. */
type RequestedFilters = Array<{ distinct: number; qos: number }>;

const SUBACK = 9;
const FAILURE = 0x80;
/** unanswered SUBSCRIBEs with repeated filters; beyond this the SUBACK of the oldest stays as Aedes wrote it */
const MAX_PENDING = 16;

/**
 * Aedes answers each distinct filter of a SUBSCRIBE once. The standard wants a return code for every filter as it was
 * sent [MQTT-3.9.3-1]. This class remembers the rare packets that repeat a filter and rewrites their SUBACKs.
 */
export class SubackCodes {
  readonly #pending = new Map<number, RequestedFilters>();

  /** Records a valid SUBSCRIBE whose variable header and payload lie from `body` to `end`. */
  recordSubscribe(bytes: Buffer, body: number, end: number): void {
    const distinct = new Map<string, number>();
    const filters: RequestedFilters = [];
    for (let at = body + 2; at < end;) {
      const text = at + 2;
      at = text + bytes.readUInt16BE(at);
      const filter = bytes.toString("utf8", text, at);
      if (!distinct.has(filter)) distinct.set(filter, distinct.size);
      filters.push({ distinct: distinct.get(filter)!, qos: bytes[at++]! });
    }
    if (distinct.size === filters.length) return;
    if (this.#pending.size >= MAX_PENDING) this.#pending.delete(this.#pending.keys().next().value!);
    this.#pending.set(bytes.readUInt16BE(body), filters);
  }

  /** @param bytes whole packets from Aedes @returns the packets to send instead */
  rewriteOutbound(bytes: Buffer): Buffer {
    if (this.#pending.size === 0) return bytes;
    const parts: Buffer[] = [];
    for (const { start, body, end } of packetsIn(bytes)) {
      const packet = bytes.subarray(start, end);
      parts.push(packet[0]! >> 4 === SUBACK ? this.#rewriteSuback(packet, body - start) : packet);
    }
    return Buffer.concat(parts);
  }

  #rewriteSuback(packet: Buffer, body: number): Buffer {
    const packetId = packet.readUInt16BE(body);
    const filters = this.#pending.get(packetId);
    if (!filters) return packet;
    this.#pending.delete(packetId);
    const granted = packet.subarray(body + 2);
    const codes = filters.map(({ distinct, qos }) => {
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

/** Encodes a remaining length (section 2.2.3). */
function remainingLength(length: number): number[] {
  const bytes: number[] = [];
  for (let rest = length; bytes.length === 0 || rest > 0; rest >>= 7)
    bytes.push((rest & 0x7f) | (rest > 0x7f ? 0x80 : 0));
  return bytes;
}
