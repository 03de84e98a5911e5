import type { Pool } from "pg";

/** Days further back than this stay in the stray partition: a device with a wild clock must not create thousands. */
const MAX_AGE_DAYS = 400;
const DAY_MS = 86_400_000;
/** How exactly it is known when readings of a day arrived last; they are kept for days after that. */
const NOTED_EVERY_MS = 3_600_000;

export interface ReadingDays {
  /** creates the partitions rows of these times (epoch milliseconds) need, before the statement that writes them */
  ensure(times: Iterable<number>): Promise<void>;
}

export function openReadingDays(pool: Pool): ReadingDays {
  /** when each day was last noted, milliseconds of this process's clock */
  const noted = new Map<number, number>();
  return {
    async ensure(times) {
      const now = performance.now();
      const due = new Set<number>();
      for (const time of times) {
        const day = Math.floor(time / DAY_MS);
        if (now - (noted.get(day) ?? Number.NEGATIVE_INFINITY) >= NOTED_EVERY_MS) due.add(day);
      }
      if (due.size === 0) return;
      const today = Math.floor(Date.now() / DAY_MS);
      const owning = (day: number) => day >= today - MAX_AGE_DAYS && day <= today + 1;
      const own = [...due].filter(owning);
      const stray = [...due].filter((day) => !owning(day));
      if (own.length > 0) await pool.query("SELECT ensure_reading_partitions($1::date[])", [dates(own)]);
      if (stray.length > 0) await pool.query("SELECT record_unpartitioned_days($1::date[])", [dates(stray)]);
      for (const day of due) noted.set(day, now);
    },
  };
}

function dates(days: readonly number[]): string[] {
  return days.toSorted((a, b) => a - b).map((day) => new Date(day * DAY_MS).toISOString().slice(0, 10));
}
