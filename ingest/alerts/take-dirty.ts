import type { Pool } from "pg";
import { databaseTime } from "../stores/queries/alerts/conditions.ts";
import type { DirtyIds } from "./dirty-ids.ts";

/** So many subjects are assessed together. */
export const BATCH_SIZE = 500;
const MAX_PAGES = 20;

/**
 * Takes what is dirty, page by page, and assesses it. What could not be assessed stays dirty.
 * @param changedSince ids of what has changed since then (epoch milliseconds by the clock of Postgres; 0: all), page by page
 */
export async function takeDirty<Id extends string | number>(
  pool: Pool,
  ids: DirtyIds<Id>,
  changedSince: (since: number, after: Id | undefined) => Promise<Id[]>,
  assess: (page: Id[]) => Promise<void>,
): Promise<void> {
  const since = ids.takeSince();
  if (since !== undefined) {
    try {
      const sinceMs = since === Number.NEGATIVE_INFINITY ? 0 : (await databaseTime(pool)) - (performance.now() - since);
      for (let page = await changedSince(sinceMs, undefined); page.length > 0;) {
        await assess(page);
        page = page.length < BATCH_SIZE ? [] : await changedSince(sinceMs, page.at(-1));
      }
    } catch (error) {
      ids.addSince(since);
      throw error;
    }
  }
  // What comes meanwhile has its turn after the other kinds.
  for (let pages = 0; pages < MAX_PAGES; pages += 1) {
    const page = ids.take(performance.now(), BATCH_SIZE);
    if (page.length === 0) return;
    try {
      await assess(page);
    } catch (error) {
      ids.add(page);
      throw error;
    }
  }
}
