/** At most so many at once; others wait for a place, in order, and not for ever. */
export interface WaitingLine {
  /** Runs `work` in a place of its own. @throws NoPlace when none came free within `waitMs` */
  take<T>(work: () => Promise<T>): Promise<T>;
}

/** Who waited for a place has waited long enough. */
export class NoPlace extends Error {
  constructor(waitMs: number) {
    super(`no place came free within ${waitMs} ms`);
  }
}

export function openWaitingLine(places: number, waitMs: number): WaitingLine {
  let free = places;
  const waiting = new Set<() => void>();

  async function place(): Promise<void> {
    if (free > 0) {
      free -= 1;
      return;
    }
    await new Promise<void>((resolve, reject) => {
      const admit = () => {
        clearTimeout(timer);
        resolve();
      };
      const timer = setTimeout(() => {
        waiting.delete(admit);
        reject(new NoPlace(waitMs));
      }, waitMs);
      waiting.add(admit);
    });
  }

  /** The place goes to who has waited longest, so that none is given away twice. */
  function leave(): void {
    const [next] = waiting;
    if (next === undefined) {
      free += 1;
      return;
    }
    waiting.delete(next);
    next();
  }

  return {
    async take(work) {
      await place();
      try {
        return await work();
      } finally {
        leave();
      }
    },
  };
}
