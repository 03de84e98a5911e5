import { Semaphore, type SemaphoreInterface, withTimeout } from "async-mutex";

/** No permit came free in time. */
export class AcquireTimeout extends Error {}

/** A caller that timed out stays in the library's queue until a permit comes free, so the queue needs a bound. */
class BoundedSemaphore extends Semaphore {
  readonly #maxQueued: number;
  readonly #full: AcquireTimeout;
  #queued = 0;

  constructor(permits: number, maxQueued: number) {
    super(permits);
    this.#maxQueued = maxQueued;
    this.#full = new AcquireTimeout(`${maxQueued} others wait for a permit`);
  }

  override async acquire(weight?: number, priority?: number): Promise<[number, SemaphoreInterface.Releaser]> {
    if (this.#queued >= this.#maxQueued) throw this.#full;
    this.#queued += 1;
    try {
      return await super.acquire(weight, priority);
    } finally {
      this.#queued -= 1;
    }
  }
}

/**
 * At most `permits` callers run at once. Others wait in order, for at most `waitMs` milliseconds; when `maxQueued` are
 * waiting already, a caller does not wait. Both end with AcquireTimeout.
 */
export function createSemaphore(permits: number, waitMs: number, maxQueued: number): SemaphoreInterface {
  const timeout = new AcquireTimeout(`no permit came free within ${waitMs} ms`);
  return withTimeout(new BoundedSemaphore(permits, maxQueued), waitMs, timeout);
}
