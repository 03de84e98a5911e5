type Start = (next: () => void) => void;

/** A linked list: to shift an array moves all that wait behind, which is slow for a long queue. */
interface Waiting {
  start: Start;
  behind: Waiting | undefined;
}

/**
 * Lets messages reach subscribers in the order in which they came [MQTT-4.6.0-6]. Some need one more step on their way
 * (to be retained, to be queued); stock Aedes lets others overtake them, and a subscriber that has seen a later message
 * is never given an earlier one.
 */
export class PublishSerializer {
  #first: Waiting | undefined;
  #last: Waiting | undefined;
  #isBusy = false;
  #isDraining = false;

  /** Runs `start` when its turn has come. It calls `next`, once or more often, when the one after it may start. */
  run(start: Start): void {
    const waiting = { start, behind: undefined };
    if (this.#first) this.#last!.behind = waiting;
    else this.#first = waiting;
    this.#last = waiting;
    this.#drain();
  }

  /** A loop, for many that finish at once must not become a deep stack. */
  #drain(): void {
    if (this.#isDraining) return;
    this.#isDraining = true;
    while (!this.#isBusy && this.#first) {
      const { start, behind } = this.#first;
      this.#first = behind;
      this.#isBusy = true;
      let isOver = false;
      const next = (): void => {
        if (isOver) return;
        isOver = true;
        this.#isBusy = false;
        this.#drain();
      };
      try {
        start(next);
      } catch (error) {
        // The caller gets the error; the others go on.
        this.#isDraining = false;
        next();
        throw error;
      }
    }
    this.#isDraining = false;
  }
}
