import type pg from "pg";
import type { Logger } from "pino";
import { createPool } from "./pool.ts";

/** Runs `work` with a pool of one connection on the database at `url`, then closes the pool. */
export async function withPool<T>(url: string, log: Logger, work: (pool: pg.Pool) => Promise<T>): Promise<T> {
  const pool = createPool(url, { max: 1, applicationName: "waystock supervisor", log });
  try {
    return await work(pool);
  } finally {
    await pool.end();
  }
}
