const EMPTY: number[] = [];

/** PUBACKs that are due on one connection. Those of one journal flush leave in one write. */
export class PubackBatch {
  // The empty array is shared: thousands of idle connections have a batch each.
  #packetIds = EMPTY;

  add(packetId: number): void {
    if (this.#packetIds === EMPTY) this.#packetIds = [packetId];
    else this.#packetIds.push(packetId);
  }

  /** Removes all of them. @returns their bytes (section 3.4) in the order they were added; undefined: there are none */
  take(): Buffer | undefined {
    const ids = this.#packetIds;
    if (ids === EMPTY) return undefined;
    this.#packetIds = EMPTY;
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
