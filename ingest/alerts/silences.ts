/** When devices will have been silent for too long if nothing is heard of them. Times are milliseconds of the monotonic clock. */
export class Silences {
  readonly #dueAt = new Map<string, number>();

  /** @param dueAt undefined: nothing to wait for */
  set(id: string, dueAt: number | undefined): void {
    if (dueAt === undefined) this.#dueAt.delete(id);
    else this.#dueAt.set(id, dueAt);
  }

  /** Devices that are due now, each once. */
  take(now: number): string[] {
    const due: string[] = [];
    for (const [id, at] of this.#dueAt) if (at <= now) due.push(id);
    for (const id of due) this.#dueAt.delete(id);
    return due;
  }
}
