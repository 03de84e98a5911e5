import type { Pool } from "pg";

/** Older days have no partitions of their own: a device with a wrong clock must not create thousands of tables. */
const MAX_AGE_DAYS = 400;
const DAY_MS = 86_400_000;
/** How exactly `reading_days.last_received_at` is known. Readings are kept for days after that, so an hour is enough. */
const RECORD_EVERY_MS = 3_600_000;

export interface ReadingDays {
  /**
   * records that readings of these times (epoch milliseconds) are received, and creates their partitions: to be called
   * before the statement that writes them
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
      const today = Math.floor(Date.now() / DAY_MS);
      const hasPartitions = (day: number) => day >= today - MAX_AGE_DAYS && day <= today + 1;
      const partitioned = [...due].filter(hasPartitions);
      const unpartitioned = [...due].filter((day) => !hasPartitions(day));
      if (partitioned.length > 0)
        await pool.query("SELECT ensure_reading_partitions($1::date[])", [dates(partitioned)]);
      if (unpartitioned.length > 0)
        await pool.query("SELECT record_unpartitioned_days($1::date[])", [dates(unpartitioned)]);
      for (const day of due) recordedAt.set(day, now);
    },
  };
}

function dates(days: readonly number[]): string[] {
  return days.toSorted((a, b) => a - b).map((day) => new Date(day * DAY_MS).toISOString().slice(0, 10));
}
