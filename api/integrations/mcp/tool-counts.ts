/** `refused`: the API has refused what was asked, and the assistant was told why. `failed`: a fault of ours. */
export const TOOL_OUTCOMES = ["answered", "refused", "failed"] as const;
export type ToolOutcome = (typeof TOOL_OUTCOMES)[number];
/** Counts one call of a tool. */
export type CountTool = (tool: string, outcome: ToolOutcome) => void;

interface ToolCalls {
  calls: number;
  /** of them, those that got no answer */
  unanswered: number;
  lastAt: number;
}

const HOUR_MS = 3_600_000;
const HOURS = 24;

/**
 * Calls of assistants in this process. Memory is bounded by the number of tools: in all, and of each of the last 24 hours of the clock.
 */
export class ToolCounts {
  /** since when it counts, epoch milliseconds */
  readonly since: number;
  /** in all, for the metrics */
  readonly totals = new Map<string, Map<ToolOutcome, number>>();
  readonly #hours = new Map<number, Map<string, ToolCalls>>();
  readonly #now: () => number;

  constructor(now: () => number = Date.now) {
    this.#now = now;
    this.since = now();
  }

  count(tool: string, outcome: ToolOutcome): void {
    const outcomes = this.totals.get(tool) ?? new Map<ToolOutcome, number>();
    this.totals.set(tool, outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1));
    const at = this.#now();
    this.#dropOld(at);
    const hour = this.#hours.get(hourOf(at)) ?? new Map<string, ToolCalls>();
    this.#hours.set(hourOf(at), hour);
    const { calls = 0, unanswered = 0 } = hour.get(tool) ?? {};
    hour.set(tool, { calls: calls + 1, unanswered: unanswered + (outcome === "answered" ? 0 : 1), lastAt: at });
  }

  /** The calls of the last 24 hours, the one that has begun included. */
  ofLastDay(): Map<string, ToolCalls> {
    this.#dropOld(this.#now());
    const sums = new Map<string, ToolCalls>();
    for (const hour of this.#hours.values())
      for (const [tool, { calls, unanswered, lastAt }] of hour) {
        const sum = sums.get(tool) ?? { calls: 0, unanswered: 0, lastAt };
        sums.set(tool, {
          calls: sum.calls + calls,
          unanswered: sum.unanswered + unanswered,
          lastAt: Math.max(sum.lastAt, lastAt),
        });
      }
    return sums;
  }

  #dropOld(at: number): void {
    for (const hour of this.#hours.keys()) if (hour <= hourOf(at) - HOURS) this.#hours.delete(hour);
  }
}

const hourOf = (at: number): number => Math.floor(at / HOUR_MS);
