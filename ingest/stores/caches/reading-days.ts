import type { Pool } from "pg";

/** Older days have no partitions of their own: a device with a wrong clock must not create thousands of tables. */
const MAX_AGE_DAYS = 400;
const DAY_MS = 86_400_000;
/** How exactly `reading_days.last_received_at` is known. Readings are kept for days after that, so an hour is enough. */
const RECORD_EVERY_MS = 3_600_000;
/** A batch of more new days leaves the others to the partition worker: each day is nine tables. */
const MAX_NEW_DAYS = 4;
/** PostgreSQL's lock_not_available. */
const LOCK_TIMEOUT = "55P03";

export interface ReadingDays {
  /**
   * records that readings of these times (epoch milliseconds) are received, and creates their partitions where that takes
   * no wait: to be called before the statement that writes them. Without its partition a day's readings go to the default
   * one, and the partition worker moves them.
   */
  ensure(times: Iterable<number>): Promise<void>;
}

export function openReadingDays(pool: Pool): ReadingDays {
  /** when each day was last recorded, milliseconds of the monotonic clock */
  const recordedAt = new Map<number, number>();
  return {
    async ensure(times) {
      const now = performance.now();
      const due = new Set<number>();
      for (const time of times) {
        const day = Math.floor(time / DAY_MS);
        if (now - (recordedAt.get(day) ?? Number.NEGATIVE_INFINITY) >= RECORD_EVERY_MS) due.add(day);
      }
      if (due.size === 0) return;
      const dates = [...due].toSorted((a, b) => a - b).map(dateOf);
      const { rows } = await pool.query<{ day: string }>(
        "SELECT d::text AS day FROM record_reading_days($1::date[]) AS d",
        [dates],
      );
      const unknown = rows.map(({ day }) => day);
      const today = Math.floor(Date.now() / DAY_MS);
      const [oldest, newest] = [dateOf(today - MAX_AGE_DAYS), dateOf(today + 1)];
      const wanted = unknown.filter((day) => day >= oldest && day <= newest).slice(-MAX_NEW_DAYS);
      const created = wanted.length > 0 && (await createPartitions(pool, wanted)) ? new Set(wanted) : new Set();
      const others = unknown.filter((day) => !created.has(day));
      if (others.length > 0) await pool.query("SELECT record_unpartitioned_days($1::date[])", [others]);
      for (const day of due) recordedAt.set(day, now);
    },
  };
}

/** Creates the partitions of days that should have them, also of tomorrow. @returns the first day that a long query keeps from it */
export async function createMissingPartitions(pool: Pool): Promise<string | undefined> {
  const { rows } = await pool.query<{ day: string }>("SELECT d::text AS day FROM days_without_partitions() AS d");
  for (const { day } of rows) if (!(await createPartitions(pool, [day]))) return day;
  return undefined;
}

/** @returns false when a long query reads the tables */
async function createPartitions(pool: Pool, days: readonly string[]): Promise<boolean> {
  try {
    await pool.query("SELECT ensure_reading_partitions($1::date[])", [days]);
    return true;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === LOCK_TIMEOUT) return false;
    throw error;
  }
}

/** Such as 2026-03-01. A `ts` is of the year 2000 or later. */
function dateOf(day: number): string {
  return new Date(day * DAY_MS).toISOString().slice(0, 10);
}
