import { packetsIn } from "./outbound-packets.ts";
import { PACKET } from "./packet-rules.ts";

/** of a client that acknowledges nothing: what is beyond is no longer judged */
const MAX_OWED = 1000;

type Acknowledgement = typeof PACKET.puback | typeof PACKET.pubrec | typeof PACKET.pubcomp;

/**
 * Which acknowledgement a client owes for each message on its way to it (sections 4.3.2, 4.3.3). A wrong one (a PUBACK for
 * QoS 2, a PUBREC for QoS 1, a PUBCOMP before its PUBREL) would take a message for delivered that is not.
 */
export class OutboundInflight {
  readonly #owed = new Map<number, Acknowledgement>();

  /** @param bytes whole packets on their way to the client */
  recordSent(bytes: Buffer): void {
    for (const { start, body } of packetsIn(bytes)) {
      const type = bytes[start]! >> 4;
      const qos = (bytes[start]! >> 1) & 3;
      if (type === PACKET.publish && qos > 0) {
        const packetId = bytes.readUInt16BE(body + 2 + bytes.readUInt16BE(body));
        this.#owe(packetId, qos === 1 ? PACKET.puback : PACKET.pubrec);
      } else if (type === PACKET.pubrel) this.#owe(bytes.readUInt16BE(body), PACKET.pubcomp);
    }
  }

  /**
   * An acknowledgement from the client. For a message we know nothing of it is let through: the client may have it of an
   * earlier connection.
   * @returns what is wrong with it; undefined: nothing
   */
  checkAcknowledgement(type: number, packetId: number): string | undefined {
    const owed = this.#owed.get(packetId);
    if (owed === undefined) return undefined;
    if (type === PACKET.pubrec) {
      if (owed === PACKET.puback) return "PUBREC for a message of QoS 1 [MQTT-4.3.2-2] [MQTT-4.8.0-1]";
      // Its PUBREL, sent once more where it comes once more, is what follows.
      this.#owe(packetId, PACKET.pubcomp);
      return undefined;
    }
    if (type !== owed) return "an acknowledgement out of turn [MQTT-4.3.3-2] [MQTT-4.8.0-1]";
    this.#owed.delete(packetId);
    return undefined;
  }

  #owe(packetId: number, acknowledgement: Acknowledgement): void {
    this.#owed.set(packetId, acknowledgement);
    if (this.#owed.size > MAX_OWED) this.#owed.delete(this.#owed.keys().next().value!);
  }
}
