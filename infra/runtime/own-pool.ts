import type pg from "pg";
import type { Surroundings } from "./lifecycle.ts";
import { createPool } from "../postgres/pool.ts";

/** The process's pool on the platform's database, closed with the process. */
export function ownPool({ config, log, parts }: Surroundings, max: number): pg.Pool {
  if (config.DATABASE_URL === undefined) {
    throw new Error("set DATABASE_URL: one process alone starts no database (`npm start` does)");
  }
  const pool = createPool(config.DATABASE_URL, { max, applicationName: `waystock ${log.bindings()["part"]}`, log });
  return parts.own("Postgres pool", pool, (owned) => owned.end());
}
