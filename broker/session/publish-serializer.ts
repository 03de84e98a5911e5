/**
 * Lets messages reach subscribers in the order in which they came [MQTT-4.6.0-6]. Some need a step more on their way (to be
 * retained, to be queued); stock Aedes lets others overtake them, and a subscriber that has seen a later message is
 * never given an earlier one.
 */
export class PublishSerializer {
  readonly #waiting: Array<(next: () => void) => void> = [];
  #busy = false;
  #draining = false;

  /** Runs `start` when its turn has come. It calls `next`, once or more often, when the one after it may start. */
  run(start: (next: () => void) => void): void {
    this.#waiting.push(start);
    this.#drain();
  }

  /** A loop, for a long line of those that are done at once must not become a deep stack. */
  #drain(): void {
    if (this.#draining) return;
    this.#draining = true;
    while (!this.#busy) {
      const start = this.#waiting.shift();
      if (!start) break;
      this.#busy = true;
      let over = false;
      const next = (): void => {
        if (over) return;
        over = true;
        this.#busy = false;
        this.#drain();
      };
      try {
        start(next);
      } catch (error) {
        // Whoever fails is told; those behind go on.
        this.#draining = false;
        next();
        throw error;
      }
    }
    this.#draining = false;
  }
}
