import { validateConnect } from "./connect-rules.ts";
import { type FramedPacket, PacketFramer, typeOf } from "./packet-framer.ts";
import { OutboundInflight } from "./outbound-inflight.ts";
import { PacketCost } from "./packet-cost.ts";
import { PACKET, packetViolation } from "./packet-rules.ts";
import { payloadOffset } from "./publish-packet.ts";
import { SubackCodes } from "./suback-codes.ts";

/** Limit for a client that is not authenticated. Names, a will and a token fit into it. */
export const MAX_CONNECT_BYTES = 16 * 1024;

const ACKNOWLEDGEMENTS: ReadonlySet<number> = new Set([PACKET.puback, PACKET.pubrec, PACKET.pubcomp]);

const CONNACK = 0x20;
const SESSION_PRESENT = 1;

/** room for fixed header, topic and packet id beside a payload of the largest size */
const MAX_HEADER_BYTES = 1024;

/** The rule a client broke, with its clause. `returnCode`: the CONNACK to send before closing (section 3.2.2.3). */
export interface ProtocolViolation {
  violation: string;
  returnCode?: number | undefined;
}

/**
 * Splits a client's bytes into packets and checks each against MQTT 3.1.1 before anything parses it. Also rewrites what
 * Aedes sends where the standard wants something else.
 */
export class PacketValidator {
  readonly #framer: PacketFramer;
  readonly #maxPayloadBytes: number;
  /** created with the first SUBSCRIBE: most connections never send one */
  #subackCodes: SubackCodes | undefined;
  /** created for clients that may be sent messages: with the first SUBSCRIBE, or a persistent session */
  #inflight: OutboundInflight | undefined;
  readonly #cost = new PacketCost();
  /** from CONNECT; undefined before it */
  keepaliveSeconds: number | undefined;
  /** whether the CONNACK still to be sent reports an existing session */
  sessionPresent = false;
  #disconnected = false;

  constructor(maxPayloadBytes: number) {
    this.#maxPayloadBytes = maxPayloadBytes;
    this.#framer = new PacketFramer(Math.min(MAX_CONNECT_BYTES, maxPayloadBytes));
  }

  /** Whether there are bytes that may hold a whole packet. */
  get hasMore(): boolean {
    return !this.#disconnected && this.#framer.hasMore;
  }

  /** The type of the next packet; only where `hasMore`. */
  get nextType(): number {
    return this.#framer.nextType;
  }

  /** Adds bytes. @returns whether a packet may be complete now */
  add(chunk: Buffer): boolean {
    return !this.#disconnected && this.#framer.add(chunk);
  }

  /** The next whole and valid packet, or the rule it breaks; undefined: more bytes are needed. */
  next(): FramedPacket | ProtocolViolation | undefined {
    // Nothing follows a DISCONNECT [MQTT-3.14.4-2].
    const packet = this.#disconnected ? undefined : this.#framer.next();
    return packet === undefined || "violation" in packet ? packet : (this.#validate(packet) ?? packet);
  }

  /** @param bytes whole packets from Aedes @returns the packets to send instead */
  rewriteOutbound(bytes: Buffer): Buffer {
    const packets = this.sessionPresent ? this.#setSessionPresent(bytes) : bytes;
    this.#inflight?.recordSent(packets);
    return this.#subackCodes?.rewriteOutbound(packets) ?? packets;
  }

  /** Aedes reports a session only if it has subscriptions. One without is a session too (section 4.1). */
  #setSessionPresent(bytes: Buffer): Buffer {
    this.sessionPresent = false;
    const [type, , , returnCode] = bytes;
    if (type !== CONNACK || returnCode !== 0) return bytes;
    const connack = Buffer.from(bytes);
    connack[2] = SESSION_PRESENT;
    return connack;
  }

  #validate(packet: FramedPacket): ProtocolViolation | undefined {
    const { bytes, start, body, end } = packet;
    const type = typeOf(packet);
    if (type === PACKET.disconnect) this.#disconnected = true;
    if (type === PACKET.connect) {
      if (this.keepaliveSeconds !== undefined) return { violation: "a second CONNECT [MQTT-3.1.0-2]" };
      const connect = validateConnect(bytes, start, body, end);
      if (!connect.ok) return { violation: connect.reason, returnCode: connect.returnCode };
      this.keepaliveSeconds = connect.keepaliveSeconds;
      this.#framer.maxPacketBytes = this.#maxPayloadBytes + MAX_HEADER_BYTES;
      if (!connect.cleanSession) this.#inflight = new OutboundInflight();
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
    let isExpected = false;
    if (type === PACKET.subscribe) {
      this.#inflight ??= new OutboundInflight();
      (this.#subackCodes ??= new SubackCodes()).recordSubscribe(bytes, body, end);
    } else if (this.#inflight && ACKNOWLEDGEMENTS.has(type)) {
      const checked = this.#inflight.checkAcknowledgement(type, bytes.readUInt16BE(body));
      if ("violation" in checked) return checked;
      isExpected = checked.isExpected;
    }
    packet.cost = this.#cost.of(type, packet, isExpected);
    return undefined;
  }
}
