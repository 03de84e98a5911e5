/** The same reason is said again after so long. */
const REMIND_AFTER_MS = 30_000;

/** What a run does while nothing is published, for the person who waits. */
export interface Activity {
  /** Says what is done now. */
  start(what: string): void;
  /** Says what is waited for, such as a platform that does not answer. */
  waitFor(what: string): void;
  /** Readings are published from now on. */
  done(): void;
  /** the line of this second; undefined while readings are published */
  line(): string | undefined;
}

/** @param say prints one line */
export function createActivity(say: (text: string) => void): Activity {
  const beganAt = performance.now();
  let current: string | undefined;
  let reason: string | undefined;
  let reasonSaidAt = Number.NEGATIVE_INFINITY;
  const withTime = (what: string): string =>
    `${((performance.now() - beganAt) / 1000).toFixed(0).padStart(5)} s  ${what}`;
  return {
    start(what) {
      current = what;
      say(withTime(what));
    },
    waitFor(what) {
      const text = `waiting for ${what}`;
      if (text === reason && performance.now() - reasonSaidAt < REMIND_AFTER_MS) return;
      reason = text;
      reasonSaidAt = performance.now();
      if (current !== undefined) current = text;
      say(withTime(text));
    },
    done: () => (current = undefined),
    line: () => (current === undefined ? undefined : withTime(current)),
  };
}
