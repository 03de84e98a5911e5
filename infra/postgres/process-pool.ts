import type { ProcessContext } from "../runtime/lifecycle.ts";
import { createPool, type PoolOptions } from "./pool.ts";
import type { ProvenPool } from "./proven-pool.ts";

/** The connection pool of one process on the platform's database; closed when the process stops. */
export function createProcessPool(
  { config, log, components }: ProcessContext,
  max: number,
  options: Pick<PoolOptions, "statementMs" | "plansOnce"> = {},
): ProvenPool {
  if (config.DATABASE_URL === undefined) {
    throw new Error("set DATABASE_URL: a single process does not start a database (`npm start` does)");
  }
  const applicationName = `waystock ${log.bindings()["part"]}`;
  const pool = createPool(config.DATABASE_URL, { max, applicationName, log, ...options });
  return components.register("Postgres pool", pool, (ending) => ending.end());
}
