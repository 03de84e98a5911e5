/**
 * Takes turns. Two workers of one process that write the same devices would make each other's work stale again and again,
 * which costs both a second folding; in turns neither loses. Other processes are kept apart by the guards in every
 * statement, which stay what correctness rests on.
 */
export interface Turns {
  /** runs `work` once everything asked for before has ended */
  take<T>(work: () => Promise<T>): Promise<T>;
}

export function createTurns(): Turns {
  let last: Promise<unknown> = Promise.resolve();
  return {
    take(work) {
      const mine = last.then(work);
      last = mine.catch(() => undefined);
      return mine;
    },
  };
}
