const HOUR_MS = 3_600_000;
/** Of each source, this many refusals of an hour are recorded one by one. */
const RECORDED_OF_SOURCE = 100;
/** … and of all sources together this many. */
const RECORDED_OF_ALL = 5_000;
/** Sources told apart within an hour; the rest count as `others`. */
const MAX_SOURCES = 1_000;
/** What is only counted is recorded this often, as one number. */
const COUNT_INTERVAL_MS = 600_000;

/** Refusals that were not recorded one by one. */
export interface RefusalCount {
  source: string;
  action: string;
  times: number;
}

/**
 * Keeps the records of refusals small, whoever causes them: of each source and hour the first are recorded, the rest are
 * counted (docs/decisions/20-growth.md). Times are milliseconds of the monotonic clock (`performance.now()`).
 */
export class RefusalLimit {
  #hour = -1;
  #recorded = 0;
  #countedSince = 0;
  readonly #recordedOf = new Map<string, number>();
  readonly #counts = new Map<string, RefusalCount>();

  /** @returns whether to record this refusal; otherwise it is counted */
  admit(source: string, action: string, nowMs: number): boolean {
    const hour = Math.floor(nowMs / HOUR_MS);
    if (hour !== this.#hour) {
      this.#hour = hour;
      this.#recorded = 0;
      this.#recordedOf.clear();
    }
    const recorded = this.#recordedOf.get(source) ?? 0;
    const isKnown = recorded > 0 || this.#recordedOf.size < MAX_SOURCES;
    if (isKnown && recorded < RECORDED_OF_SOURCE && this.#recorded < RECORDED_OF_ALL) {
      this.#recorded += 1;
      this.#recordedOf.set(source, recorded + 1);
      return true;
    }
    this.#count(isKnown ? source : "others", action, nowMs);
    return false;
  }

  /** Takes the numbers of what was only counted: every ten minutes, and at once when the process ends. */
  takeCounts(nowMs: number, isEnding = false): RefusalCount[] {
    if (this.#counts.size === 0 || (!isEnding && nowMs - this.#countedSince < COUNT_INTERVAL_MS)) return [];
    const counts = [...this.#counts.values()];
    this.#counts.clear();
    return counts;
  }

  #count(source: string, action: string, nowMs: number): void {
    if (this.#counts.size === 0) this.#countedSince = nowMs;
    const name = this.#counts.size < MAX_SOURCES ? source : "others";
    const key = JSON.stringify([name, action]);
    const count = this.#counts.get(key);
    if (count) count.times += 1;
    else this.#counts.set(key, { source: name, action, times: 1 });
  }
}

export const createRefusalLimit = (): RefusalLimit => new RefusalLimit();
