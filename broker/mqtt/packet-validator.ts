import { validateConnect } from "./connect-rules.ts";
import { type FramedPacket, PacketFramer } from "./packet-framer.ts";
import { OutboundInflight } from "./outbound-inflight.ts";
import { PACKET, packetViolation } from "./packet-rules.ts";
import { payloadOffset } from "./publish-packet.ts";
import { SubackCodes } from "./suback-codes.ts";

/** CONNECT is the one packet of an unknown sender: ids, a will and a token fit in this */
const MAX_CONNECT_BYTES = 16 * 1024;

const ACKNOWLEDGEMENTS: ReadonlySet<number> = new Set([PACKET.puback, PACKET.pubrec, PACKET.pubcomp]);

const CONNACK = 0x20;
const SESSION_PRESENT = 1;

/** fixed header, topic and packet id beside a payload of the largest size */
const MAX_HEADER_BYTES = 1024;

/** What a sender did wrong. `returnCode`: the CONNACK to send before closing (section 3.2.2.3). */
export interface ProtocolViolation {
  violation: string;
  returnCode?: number | undefined;
}

export const typeOf = ({ bytes, start }: FramedPacket): number => bytes[start]! >> 4;

/** Cuts what a sender sends into packets and checks each by the rules, before anything parses them. */
export class PacketValidator {
  readonly #cutter: PacketFramer;
  readonly #maxPayloadBytes: number;
  /** made with the first SUBSCRIBE: most connections never send one */
  #subackCodes: SubackCodes | undefined;
  /** made for those that may be sent messages: with the first SUBSCRIBE, or a session from before */
  #owed: OutboundInflight | undefined;
  /** as its CONNECT says; undefined: there was none yet */
  keepaliveSeconds: number | undefined;
  /** its CONNACK is still to come, and tells it of a session from before */
  sessionPresent = false;
  #isOver = false;

  constructor(maxPayloadBytes: number) {
    this.#maxPayloadBytes = maxPayloadBytes;
    this.#cutter = new PacketFramer(Math.min(MAX_CONNECT_BYTES, maxPayloadBytes));
  }

  /** Adds bytes; false while they complete nothing. */
  add(chunk: Buffer): boolean {
    return !this.#isOver && this.#cutter.add(chunk);
  }

  /** The next whole packet, which keeps the rules; undefined where the bytes end. */
  next(): FramedPacket | ProtocolViolation | undefined {
    // Nothing follows a DISCONNECT [MQTT-3.14.4-2].
    const packet = this.#isOver ? undefined : this.#cutter.next();
    return packet === undefined || "violation" in packet ? packet : (this.#faultOf(packet) ?? packet);
  }

  /** @param bytes whole packets on their way out */
  rewriteOutbound(bytes: Buffer): Buffer {
    const told = this.sessionPresent ? this.#tellSession(bytes) : bytes;
    this.#owed?.recordSent(told);
    return this.#subackCodes?.rewriteOutbound(told) ?? told;
  }

  /** The parser behind sees a session only where there are subscriptions; an empty one is one too (section 4.1). */
  #tellSession(bytes: Buffer): Buffer {
    this.sessionPresent = false;
    const [type, , , returnCode] = bytes;
    if (type !== CONNACK || returnCode !== 0) return bytes;
    const told = Buffer.from(bytes);
    told[2] = SESSION_PRESENT;
    return told;
  }

  #faultOf({ bytes, start, body, end }: FramedPacket): ProtocolViolation | undefined {
    const type = bytes[start]! >> 4;
    if (type === PACKET.disconnect) this.#isOver = true;
    if (type === PACKET.connect) {
      if (this.keepaliveSeconds !== undefined) return { violation: "a second CONNECT [MQTT-3.1.0-2]" };
      const verdict = validateConnect(bytes, start, body, end);
      if (!verdict.ok) return { violation: verdict.reason, returnCode: verdict.returnCode };
      this.keepaliveSeconds = verdict.keepaliveSeconds;
      this.#cutter.maxPacketBytes = this.#maxPayloadBytes + MAX_HEADER_BYTES;
      if (!verdict.cleanSession) this.#owed = new OutboundInflight();
      return undefined;
    }
    if (this.keepaliveSeconds === undefined) return { violation: "the first packet is not CONNECT [MQTT-3.1.0-1]" };
    const violation = packetViolation(type, bytes[start]! & 0x0f, bytes, body, end);
    if (violation !== undefined) return { violation };
    if (end - body > this.#maxPayloadBytes && type === PACKET.publish) {
      const payloadBytes = end - payloadOffset(bytes, start, body);
      if (payloadBytes > this.#maxPayloadBytes) {
        return { violation: `a payload of ${payloadBytes} bytes; the limit is ${this.#maxPayloadBytes}` };
      }
    }
    if (type === PACKET.subscribe) {
      this.#owed ??= new OutboundInflight();
      (this.#subackCodes ??= new SubackCodes()).recordSubscribe(bytes, body, end);
    } else if (this.#owed && ACKNOWLEDGEMENTS.has(type)) {
      const outOfTurn = this.#owed.checkAcknowledgement(type, bytes.readUInt16BE(body));
      if (outOfTurn !== undefined) return { violation: outOfTurn };
    }
    return undefined;
  }
}
