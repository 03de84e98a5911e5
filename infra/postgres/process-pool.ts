import type pg from "pg";
import type { ProcessContext } from "../runtime/lifecycle.ts";
import { createPool } from "./pool.ts";

/** The connection pool of one process on the platform's database; closed when the process stops. */
export function createProcessPool({ config, log, components }: ProcessContext, max: number): pg.Pool {
  if (config.DATABASE_URL === undefined) {
    throw new Error("set DATABASE_URL: a single process does not start a database (`npm start` does)");
  }
  const pool = createPool(config.DATABASE_URL, { max, applicationName: `waystock ${log.bindings()["part"]}`, log });
  return components.register("Postgres pool", pool, (ending) => ending.end());
}
