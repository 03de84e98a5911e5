import type { Logger } from "pino";

/** A kind that fails is tried again after so long, milliseconds, twice as long each time. */
const BACKOFF_MS = { first: 50, max: 2_000 };

/** How long a kind rests after its turn. */
export interface Rest {
  /** times as long as the turn took */
  times?: number;
  /** milliseconds */
  atLeastMs?: number;
}

interface KindFailure {
  message: string;
  nextMs: number;
  backoffMs: number;
}

/**
 * Lets each kind of subject have its turn, whatever became of the others: one that fails holds nobody up. It is named once in the log,
 * and in `lastError` while it lasts.
 */
export class KindTurns {
  readonly #log: Logger;
  readonly #failures = new Map<string, KindFailure>();
  readonly #restUntilMs = new Map<string, number>();

  constructor(log: Logger) {
    this.#log = log;
  }

  /** Runs the turn of a kind, unless it has failed just now, or rests. */
  async run(kind: string, turn: () => Promise<void>, { times = 0, atLeastMs = 0 }: Rest = {}): Promise<void> {
    const before = this.#failures.get(kind);
    const began = performance.now();
    if (began < (before?.nextMs ?? this.#restUntilMs.get(kind) ?? 0)) return;
    try {
      await turn();
      const now = performance.now();
      this.#restUntilMs.set(kind, now + Math.max(atLeastMs, times * (now - began)));
      if (this.#failures.delete(kind)) this.#log.info(`alerts about ${kind} work again`);
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      if (message !== before?.message)
        this.#log.error({ err: error }, `alerts about ${kind} are neither opened nor closed; trying again: ${message}`);
      const backoffMs = before === undefined ? BACKOFF_MS.first : Math.min(BACKOFF_MS.max, before.backoffMs * 2);
      this.#failures.set(kind, { message, backoffMs, nextMs: performance.now() + backoffMs });
    }
  }

  /** The kinds that fail now. */
  failing(): string[] {
    return [...this.#failures.keys()];
  }
}
