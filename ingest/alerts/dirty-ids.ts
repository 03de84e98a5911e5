/**
 * Ids of what has changed and is to be assessed. One that was taken is not given again before `restMs` has passed: a device
 * that sends a hundred readings a second is looked at once a second. Times are milliseconds of the monotonic clock.
 */
export class DirtyIds<Id extends string | number> {
  readonly #restMs: number;
  readonly #waiting = new Set<Id>();
  /** when each was taken, the oldest first */
  readonly #takenAt = new Map<Id, number>();
  /** everything that has changed since then is dirty; undefined: only what is listed */
  #since: number | undefined = Number.NEGATIVE_INFINITY;

  constructor(restMs: number) {
    this.#restMs = restMs;
  }

  add(ids: Iterable<Id>): void {
    for (const id of ids) this.#waiting.add(id);
  }

  /** Too many have changed to list them. @param since they did after this; NEGATIVE_INFINITY: assess all */
  addSince(since: number): void {
    this.#since = Math.min(this.#since ?? since, since);
  }

  /** Forgets what waits: nobody asks for it. */
  clear(): void {
    this.#waiting.clear();
    this.#since = undefined;
  }

  /** Since when everything is dirty; it is taken with that. */
  takeSince(): number | undefined {
    const since = this.#since;
    this.#since = undefined;
    return since;
  }

  /** Takes at most `limit` ids that have rested. */
  take(now: number, limit: number): Id[] {
    for (const [id, at] of this.#takenAt) {
      if (now - at < this.#restMs) break;
      this.#takenAt.delete(id);
    }
    const taken: Id[] = [];
    for (const id of this.#waiting) {
      if (taken.length >= limit) break;
      if (this.#takenAt.has(id)) continue;
      taken.push(id);
    }
    for (const id of taken) {
      this.#waiting.delete(id);
      this.#takenAt.set(id, now);
    }
    return taken;
  }
}
