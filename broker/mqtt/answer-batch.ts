const EMPTY: number[] = [];

/**
 * The answers that are due on one connection: PUBACKs and PINGRESPs. Those of one journal flush, or of one turn, leave in
 * one write.
 */
export class AnswerBatch {
  readonly #onFlush: (answers: Buffer | undefined) => void;
  // The empty array is shared: thousands of idle connections have a batch each.
  #packetIds = EMPTY;
  #pingresps = 0;
  #isDue = false;

  /** @param onFlush called at the end of a step of the event loop in which anything was added */
  constructor(onFlush: (answers: Buffer | undefined) => void) {
    this.#onFlush = onFlush;
  }

  /** Whether `onFlush` will be called. */
  get isDue(): boolean {
    return this.#isDue;
  }

  /** @param packetId 0: a publish at QoS 0, which has no answer */
  addPuback(packetId: number): void {
    if (packetId !== 0) {
      if (this.#packetIds === EMPTY) this.#packetIds = [packetId];
      else this.#packetIds.push(packetId);
    }
    this.#flushSoon();
  }

  addPingresp(): void {
    this.#pingresps++;
    this.#flushSoon();
  }

  flush(): void {
    if (!this.#isDue) return;
    this.#isDue = false;
    this.#onFlush(this.#take());
  }

  #flushSoon(): void {
    if (this.#isDue) return;
    this.#isDue = true;
    process.nextTick(flushOf, this);
  }

  /** Sections 3.4 and 3.13; PUBACKs in the order they were added. */
  #take(): Buffer | undefined {
    const ids = this.#packetIds;
    const pingresps = this.#pingresps;
    if (ids === EMPTY && pingresps === 0) return undefined;
    this.#packetIds = EMPTY;
    this.#pingresps = 0;
    const bytes = Buffer.allocUnsafe(ids.length * 4 + pingresps * 2);
    let at = 0;
    for (const id of ids) {
      bytes[at] = 0x40;
      bytes[at + 1] = 2;
      bytes[at + 2] = id >> 8;
      bytes[at + 3] = id & 0xff;
      at += 4;
    }
    for (; at < bytes.length; at += 2) {
      bytes[at] = 0xd0;
      bytes[at + 1] = 0;
    }
    return bytes;
  }
}

const flushOf = (batch: AnswerBatch): void => batch.flush();
