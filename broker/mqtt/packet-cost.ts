import type { FramedPacket } from "./packet-framer.ts";
import { PACKET } from "./packet-rules.ts";

/** a SUBSCRIBE or UNSUBSCRIBE counts once for so many bytes, since its work grows with its filters */
const FILTER_BYTES = 64;

/**
 * What each packet of a client counts in its rate: one, whatever its type. Two kinds differ: SUBSCRIBE and UNSUBSCRIBE
 * count by their size; and the answers of a QoS handshake count nothing where the broker has asked for them, since the
 * message has counted already.
 */
export class PacketCost {
  /** QoS 2 messages of the client whose PUBREL is awaited */
  #openQos2 = 0;

  /** @param isExpected the broker awaits this acknowledgement of a message that it has sent */
  of(type: number, { bytes, start, body, end }: FramedPacket, isExpected: boolean): number {
    switch (type) {
      case PACKET.publish:
        if ((bytes[start]! & 0x06) === 0x04) this.#openQos2++;
        return 1;
      case PACKET.pubrel:
        if (this.#openQos2 === 0) return 1;
        this.#openQos2--;
        return 0;
      case PACKET.subscribe:
      case PACKET.unsubscribe:
        return Math.ceil((end - body) / FILTER_BYTES);
      default:
        return isExpected ? 0 : 1;
    }
  }
}
