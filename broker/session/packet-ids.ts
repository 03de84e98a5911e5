const LAST_PACKET_ID = 65_535;

/**
 * The packet ids of one session, in turn [MQTT-2.3.1-1]. A session that outlives its connection goes on counting, so that
 * a new message does not take the id of one that is still unacknowledged [MQTT-2.3.1-2]; Aedes 1.2.0 starts each
 * connection at a random id.
 */
export class PacketIds {
  #last = 0;

  next(): number {
    this.#last = this.#last === LAST_PACKET_ID ? 1 : this.#last + 1;
    return this.#last;
  }
}
