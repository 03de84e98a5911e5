import type { Pool } from "pg";

/** Days further back than this stay in the stray partition: a device with a wild clock must not create thousands. */
const MAX_AGE_DAYS = 400;
const DAY_MS = 86_400_000;

export interface ReadingDays {
  /** creates the partitions rows of these times (epoch milliseconds) need, before the statement that writes them */
  ensure(times: Iterable<number>): Promise<void>;
}

export function openReadingDays(pool: Pool): ReadingDays {
  const existing = new Set<number>();
  return {
    async ensure(times) {
      const today = Math.floor(Date.now() / DAY_MS);
      const missing = new Set<number>();
      for (const time of times) {
        const day = Math.floor(time / DAY_MS);
        if (!existing.has(day) && day >= today - MAX_AGE_DAYS && day <= today + 1) missing.add(day);
      }
      if (missing.size === 0) return;
      const days = [...missing].sort((a, b) => a - b).map((day) => new Date(day * DAY_MS).toISOString().slice(0, 10));
      await pool.query("SELECT ensure_reading_days($1::date[])", [days]);
      for (const day of missing) existing.add(day);
    },
  };
}
