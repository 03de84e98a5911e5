import { packetsIn } from "./outbound-packets.ts";
import { PACKET } from "./packet-rules.ts";

/** the oldest messages beyond this many are forgotten, and their acknowledgements no longer checked */
const MAX_INFLIGHT = 1000;

type Acknowledgement = typeof PACKET.puback | typeof PACKET.pubrec | typeof PACKET.pubcomp;

const EXPECTED = { isExpected: true };
const UNEXPECTED = { isExpected: false };

/**
 * The acknowledgement expected from the client for each message sent to it (sections 4.3.2, 4.3.3). A wrong one (a PUBACK
 * for QoS 2, a PUBREC for QoS 1, a PUBCOMP before its PUBREL) would mark a message as delivered that is not.
 */
export class OutboundInflight {
  readonly #expected = new Map<number, Acknowledgement>();

  /** @param bytes whole packets that are being sent to the client */
  recordSent(bytes: Buffer): void {
    for (const { start, body } of packetsIn(bytes)) {
      const type = bytes[start]! >> 4;
      const qos = (bytes[start]! >> 1) & 3;
      if (type === PACKET.publish && qos > 0) {
        const packetId = bytes.readUInt16BE(body + 2 + bytes.readUInt16BE(body));
        this.#expect(packetId, qos === 1 ? PACKET.puback : PACKET.pubrec);
      } else if (type === PACKET.pubrel) this.#expect(bytes.readUInt16BE(body), PACKET.pubcomp);
    }
  }

  /**
   * Checks an acknowledgement from the client. One for an unknown message passes: the message may belong to an earlier
   * connection.
   * @returns whether it was expected, or the violation with its clause
   */
  checkAcknowledgement(type: number, packetId: number): { isExpected: boolean } | { violation: string } {
    const expected = this.#expected.get(packetId);
    if (expected === undefined) return UNEXPECTED;
    if (type === PACKET.pubrec) {
      if (expected === PACKET.puback)
        return { violation: "PUBREC for a message of QoS 1 [MQTT-4.3.2-2] [MQTT-4.8.0-1]" };
      // A PUBREL follows, also where the client repeats its PUBREC.
      this.#expect(packetId, PACKET.pubcomp);
      return expected === PACKET.pubrec ? EXPECTED : UNEXPECTED;
    }
    if (type !== expected) return { violation: "an acknowledgement out of turn [MQTT-4.3.3-2] [MQTT-4.8.0-1]" };
    this.#expected.delete(packetId);
    return EXPECTED;
  }

  #expect(packetId: number, acknowledgement: Acknowledgement): void {
    this.#expected.set(packetId, acknowledgement);
    if (this.#expected.size > MAX_INFLIGHT) this.#expected.delete(this.#expected.keys().next().value!);
  }
}
