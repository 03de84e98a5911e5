import { Problem } from "../http/problem.ts";

interface Waiting {
  isTrusted: boolean;
  start: () => void;
  refuse: (reason: Problem) => void;
}

const busy = (): Problem =>
  new Problem(503, "too many passwords are being checked; nothing was changed, try again", {
    headers: { "Retry-After": "2" },
  });

/**
 * Lets few password hashes run at once and few wait, so that strangers who send passwords can neither fill the memory nor
 * make everybody wait. Trusted work goes first: a sign-in from a place that the account is known from, or of somebody
 * who is signed in already. Of the rest the newest goes first, and the oldest is refused when the queue is full: its
 * sender has waited longest and may have gone. (Queues of libraries refuse the newest, which an attack would win.)
 */
export class HashQueue {
  readonly #atOnce: number;
  readonly #maxWaiting: number;
  readonly #waiting: Waiting[] = [];
  #running = 0;

  constructor(atOnce: number, maxWaiting: number) {
    this.#atOnce = atOnce;
    this.#maxWaiting = maxWaiting;
  }

  /** @throws Problem 503, with Retry-After, when too much waits */
  async run<T>(isTrusted: boolean, work: () => Promise<T>): Promise<T> {
    if (this.#running < this.#atOnce) this.#running += 1;
    else await this.#wait(isTrusted);
    try {
      return await work();
    } finally {
      const next = this.#takeNext();
      // The next one takes over this one's place among the running.
      if (next) next.start();
      else this.#running -= 1;
    }
  }

  #wait(isTrusted: boolean): Promise<void> {
    return new Promise((start, refuse) => {
      this.#waiting.push({ isTrusted, start, refuse });
      if (this.#waiting.length <= this.#maxWaiting) return;
      const oldestStranger = this.#waiting.findIndex((each) => !each.isTrusted);
      this.#waiting.splice(oldestStranger < 0 ? this.#waiting.length - 1 : oldestStranger, 1)[0]!.refuse(busy());
    });
  }

  #takeNext(): Waiting | undefined {
    const trusted = this.#waiting.findIndex((each) => each.isTrusted);
    return trusted < 0 ? this.#waiting.pop() : this.#waiting.splice(trusted, 1)[0];
  }
}
