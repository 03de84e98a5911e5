import type pg from "pg";
import type { ProcessContext } from "../runtime/lifecycle.ts";
import { createPool } from "./pool.ts";

/** The process's pool on the platform's database, closed with the process. */
export function createProcessPool({ config, log, components }: ProcessContext, max: number): pg.Pool {
  if (config.DATABASE_URL === undefined) {
    throw new Error("set DATABASE_URL: one process alone starts no database (`npm start` does)");
  }
  const pool = createPool(config.DATABASE_URL, { max, applicationName: `waystock ${log.bindings()["part"]}`, log });
  return components.register("Postgres pool", pool, (owned) => owned.end());
}
