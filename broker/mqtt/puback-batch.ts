const NONE: number[] = [];

/** PUBACKs that are due on one connection: what one flush of the journal makes due leaves in one piece. */
export class PubackBatch {
  // Shared while there are none: thousands of idle connections have one each.
  #packetIds = NONE;

  add(packetId: number): void {
    if (this.#packetIds === NONE) this.#packetIds = [packetId];
    else this.#packetIds.push(packetId);
  }

  /** All of them as bytes (section 3.4), in the order they were added; undefined: there are none. */
  take(): Buffer | undefined {
    const ids = this.#packetIds;
    if (ids === NONE) return undefined;
    this.#packetIds = NONE;
    const bytes = Buffer.allocUnsafe(ids.length * 4);
    let at = 0;
    for (const id of ids) {
      bytes[at] = 0x40;
      bytes[at + 1] = 2;
      bytes[at + 2] = id >> 8;
      bytes[at + 3] = id & 0xff;
      at += 4;
    }
    return bytes;
  }
}
