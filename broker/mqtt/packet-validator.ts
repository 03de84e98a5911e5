import { judgeConnect } from "./connect-rules.ts";
import { type CutPacket, FrameCutter } from "./packet-framer.ts";
import { OwedAcknowledgements } from "./outbound-inflight.ts";
import { PACKET, packetViolation } from "./packet-rules.ts";
import { payloadOf } from "./publish-packet.ts";
import { SubackCodes } from "./suback-codes.ts";

/** CONNECT is the one packet of an unknown sender: ids, a will and a token fit in this */
const MAX_CONNECT_BYTES = 16 * 1024;

const ACKNOWLEDGEMENTS: ReadonlySet<number> = new Set([PACKET.puback, PACKET.pubrec, PACKET.pubcomp]);

const CONNACK = 0x20;
const SESSION_PRESENT = 1;

/** fixed header, topic and packet id beside a payload of the largest size */
const MAX_HEADER_BYTES = 1024;

/** What a sender did wrong. `returnCode`: the CONNACK to send before closing (section 3.2.2.3). */
export interface Fault {
  fault: string;
  returnCode?: number | undefined;
}

export const typeOf = ({ bytes, start }: CutPacket): number => bytes[start]! >> 4;

/** Cuts what a sender sends into packets and checks each by the rules, before anything parses them. */
export class Inspection {
  readonly #cutter: FrameCutter;
  readonly #maxPayloadBytes: number;
  /** made with the first SUBSCRIBE: most connections never send one */
  #subackCodes: SubackCodes | undefined;
  /** made for those that may be sent messages: with the first SUBSCRIBE, or a session from before */
  #owed: OwedAcknowledgements | undefined;
  /** as its CONNECT says; undefined: there was none yet */
  keepaliveSeconds: number | undefined;
  /** its CONNACK is still to come, and tells it of a session from before */
  hasSession = false;
  #isOver = false;

  constructor(maxPayloadBytes: number) {
    this.#maxPayloadBytes = maxPayloadBytes;
    this.#cutter = new FrameCutter(Math.min(MAX_CONNECT_BYTES, maxPayloadBytes));
  }

  /** Adds bytes; false while they complete nothing. */
  add(chunk: Buffer): boolean {
    return !this.#isOver && this.#cutter.add(chunk);
  }

  /** The next whole packet, which keeps the rules; undefined where the bytes end. */
  next(): CutPacket | Fault | undefined {
    // Nothing follows a DISCONNECT [MQTT-3.14.4-2].
    const packet = this.#isOver ? undefined : this.#cutter.next();
    return packet === undefined || "fault" in packet ? packet : (this.#faultOf(packet) ?? packet);
  }

  /** @param bytes whole packets on their way out */
  mend(bytes: Buffer): Buffer {
    const told = this.hasSession ? this.#tellSession(bytes) : bytes;
    this.#owed?.sent(told);
    return this.#subackCodes?.mend(told) ?? told;
  }

  /** The parser behind sees a session only where there are subscriptions; an empty one is one too (section 4.1). */
  #tellSession(bytes: Buffer): Buffer {
    this.hasSession = false;
    const [type, , , returnCode] = bytes;
    if (type !== CONNACK || returnCode !== 0) return bytes;
    const told = Buffer.from(bytes);
    told[2] = SESSION_PRESENT;
    return told;
  }

  #faultOf({ bytes, start, body, end }: CutPacket): Fault | undefined {
    const type = bytes[start]! >> 4;
    if (type === PACKET.disconnect) this.#isOver = true;
    if (type === PACKET.connect) {
      if (this.keepaliveSeconds !== undefined) return { fault: "a second CONNECT [MQTT-3.1.0-2]" };
      const verdict = judgeConnect(bytes, start, body, end);
      if (!verdict.ok) return { fault: verdict.reason, returnCode: verdict.returnCode };
      this.keepaliveSeconds = verdict.keepaliveSeconds;
      this.#cutter.maxPacketBytes = this.#maxPayloadBytes + MAX_HEADER_BYTES;
      if (!verdict.cleanSession) this.#owed = new OwedAcknowledgements();
      return undefined;
    }
    if (this.keepaliveSeconds === undefined) return { fault: "the first packet is not CONNECT [MQTT-3.1.0-1]" };
    const fault = packetViolation(type, bytes[start]! & 0x0f, bytes, body, end);
    if (fault !== undefined) return { fault };
    if (end - body > this.#maxPayloadBytes && type === PACKET.publish) {
      const payloadBytes = end - payloadOf(bytes, start, body);
      if (payloadBytes > this.#maxPayloadBytes) {
        return { fault: `a payload of ${payloadBytes} bytes; the limit is ${this.#maxPayloadBytes}` };
      }
    }
    if (type === PACKET.subscribe) {
      this.#owed ??= new OwedAcknowledgements();
      (this.#subackCodes ??= new SubackCodes()).note(bytes, body, end);
    } else if (this.#owed && ACKNOWLEDGEMENTS.has(type)) {
      const outOfTurn = this.#owed.received(type, bytes.readUInt16BE(body));
      if (outOfTurn !== undefined) return { fault: outOfTurn };
    }
    return undefined;
  }
}
