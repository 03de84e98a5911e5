import type { Pool } from "pg";
import type { Logger } from "pino";
import {
  type AbcClass,
  type CountedPosition,
  classesOf,
  countDueAt,
  countsToOpen,
} from "../domain/stock/count-schedule.ts";
import {
  loadOpenScheduled,
  loadUncounted,
  loadUsage,
  openScheduledCounts,
} from "../stores/queries/scheduled-counts.ts";
import { databaseTime } from "../stores/queries/alerts/conditions.ts";
import { type Loop, startLoop } from "./loop.ts";

/** What is due changes with the days. */
const INTERVAL_MS = 6 * 3_600_000;
const BATCH_SIZE = 5_000;
const USAGE_DAYS = 90;

/** Asks people to count the stock that they book, by class and date. Any number of nodes may run it: a position gets one count. */
export function startCountScheduler(pool: Pool, log: Logger): Loop {
  async function tick(): Promise<boolean> {
    const opened = await scheduleCounts(pool, await databaseTime(pool));
    if (opened > 0) log.info({ opened }, "cycle counts are due");
    return false;
  }
  return startLoop("count scheduler", tick, log, INTERVAL_MS);
}

/** Opens what is due. A second run opens nothing. @param now epoch milliseconds @returns how many were opened */
export async function scheduleCounts(pool: Pool, now: number, batchSize = BATCH_SIZE): Promise<number> {
  const classes: ReadonlyMap<number, AbcClass> = classesOf(await loadUsage(pool, USAGE_DAYS));
  const open = await loadOpenScheduled(pool);
  const positions: CountedPosition[] = [];
  for (let page = await loadUncounted(pool, 0, batchSize); page.length > 0;) {
    // Of many positions few are due: only those are kept.
    positions.push(...page.filter((each) => countDueAt(each, classes.get(each.id) ?? "C") <= now));
    page = page.length < batchSize ? [] : await loadUncounted(pool, page.at(-1)!.id, batchSize);
  }
  const due = countsToOpen(positions, classes, open, now);
  return due.length === 0 ? 0 : openScheduledCounts(pool, due);
}
