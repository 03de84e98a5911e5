import type { Topic } from "./topics.ts";

/** Which topics somebody follows, or has followed lately and may resume. Times are milliseconds of the monotonic clock. */
export class FollowedTopics {
  readonly #retentionMs: number;
  readonly #clients = new Map<Topic, number>();
  readonly #leftAt = new Map<Topic, number>();

  /** @param retentionMs how long a topic counts as followed after its last client has left */
  constructor(retentionMs: number) {
    this.#retentionMs = retentionMs;
  }

  add(topics: ReadonlySet<Topic>): void {
    for (const topic of topics) this.#clients.set(topic, (this.#clients.get(topic) ?? 0) + 1);
  }

  remove(topics: ReadonlySet<Topic>, nowMs: number): void {
    for (const topic of topics) {
      this.#clients.set(topic, (this.#clients.get(topic) ?? 1) - 1);
      this.#leftAt.set(topic, nowMs);
    }
  }

  has(topic: Topic, nowMs: number): boolean {
    if ((this.#clients.get(topic) ?? 0) > 0) return true;
    const leftAt = this.#leftAt.get(topic);
    return leftAt !== undefined && nowMs - leftAt < this.#retentionMs;
  }
}
