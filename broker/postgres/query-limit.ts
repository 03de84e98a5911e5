/** Lets a few queries run at a time, in the order in which they are asked for: the connections of the pool are for others too. */
export class QueryLimit {
  #free: number;
  readonly #waiting: Array<() => void> = [];

  /** @param most queries that run at a time */
  constructor(most: number) {
    this.#free = most;
  }

  async run<T>(query: () => Promise<T>): Promise<T> {
    if (this.#free > 0) this.#free--;
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    try {
      return await query();
    } finally {
      const next = this.#waiting.shift();
      if (next) next();
      else this.#free++;
    }
  }
}
