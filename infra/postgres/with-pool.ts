import type pg from "pg";
import type { Logger } from "pino";
import { createPool } from "./pool.ts";

/** Does one thing with the database at `url` and lets go of it. */
export async function withPool<T>(url: string, log: Logger, work: (pool: pg.Pool) => Promise<T>): Promise<T> {
  const pool = createPool(url, { max: 1, applicationName: "waystock supervisor", log });
  try {
    return await work(pool);
  } finally {
    await pool.end();
  }
}
