import { setTimeout as sleep } from "node:timers/promises";
import { type Loop, startLoop } from "./loop.ts";
import { CLEANUP_STEPS, type CleanupStep } from "./cleanup-steps.ts";
import { wouldFailAgain } from "../pipeline/poison-message.ts";
import { dropExpiredDays, type ExpiredDaysResult, type RetentionOptions } from "../reprocessing/retention.ts";
import type { RecordRetention } from "../stores/queries/retention/expired-rows.ts";

const INTERVAL_MS = 3_600_000;
/** After a run that could not delete everything. */
const RETRY_MS = 60_000;
/** Rows per statement, with a pause after each, so that other work does not suffer. */
const BATCH_SIZE = 2_000;
const PAUSE_MS = 200;
const DAY_MS = 86_400_000;

export interface CleanupOptions extends RetentionOptions {
  /** days to keep raw readings after the last one of their day has arrived */
  retentionRawDays: number;
  /** days to keep hourly sums */
  retentionRollupDays: number;
  /** days to keep records of what was refused and done */
  records: RecordRetention;
}

export interface Cleanup extends Loop {
  /** what of the last run is still to do, in words for the public; undefined: nothing */
  undone(): string | undefined;
}

/** Deletes expired rows and days once an hour. Any number of nodes may run it: deleting twice changes nothing. */
export function startCleanup(options: CleanupOptions): Cleanup {
  const { stores, retentionRawDays, retentionRollupDays, records } = options;
  const { log } = stores;
  const ending = new AbortController();
  const failed = new Set<string>();
  const said = new Set<string>();
  let kept: ExpiredDaysResult["kept"] = [];

  const retention = { ...records, rawDays: retentionRawDays, rollupDays: retentionRollupDays };

  /** Repeats a step that handles `BATCH_SIZE` rows until it finds fewer. */
  async function repeat(step: CleanupStep): Promise<void> {
    while (!ending.signal.aborted && (await step.run(options, BATCH_SIZE, retention)) === BATCH_SIZE)
      await pause(PAUSE_MS);
  }

  /** A step that fails holds up no other; where the database is away, all of them wait. */
  async function attempt(step: CleanupStep): Promise<void> {
    try {
      await repeat(step);
      failed.delete(step.name);
    } catch (error) {
      if (!wouldFailAgain(error)) throw error;
      say(`cleanup of ${step.name} fails; trying again`, error);
      failed.add(step.name);
    }
  }

  /** Logs each problem once, however often it is met. */
  function say(problem: string, error?: unknown): void {
    const text = `${problem} ${error instanceof Error ? error.message : ""}`;
    if (!said.has(text)) log.warn({ err: error }, problem);
    said.add(text);
  }

  async function tick(): Promise<boolean> {
    for (const step of CLEANUP_STEPS) if (!ending.signal.aborted) await attempt(step);
    ({ kept } = await dropExpiredDays(options, Date.now() - retentionRawDays * DAY_MS, ending.signal));
    for (const { day, reason, error } of kept) say(`the raw readings of ${day} are kept: ${reason}`, error);
    if (undone() === undefined) {
      said.clear();
      return false;
    }
    await pause(RETRY_MS);
    return true;
  }

  function undone(): string | undefined {
    const reasons = [...new Set(kept.map(({ reason }) => reason))].join("; ");
    const days = kept.length === 0 ? [] : [`${kept.length} days that should be deleted are kept: ${reasons}`];
    const parts = [...days, ...[...failed].map((name) => `cleanup of ${name} fails`)];
    return parts.length === 0 ? undefined : parts.join("; ");
  }

  function pause(ms: number): Promise<void> {
    return sleep(ms, undefined, { signal: ending.signal }).catch(() => undefined);
  }

  const loop = startLoop("cleanup", tick, log, INTERVAL_MS);
  return {
    ...loop,
    undone,
    close() {
      ending.abort();
      return loop.close();
    },
  };
}
