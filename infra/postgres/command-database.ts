import type { Logger } from "pino";
import type { Config } from "../config/config.ts";
import { startEmbeddedPostgres } from "./embedded/embedded-postgres.ts";
import { migrate } from "./migrate.ts";
import { createPool } from "./pool.ts";
import type { ProvenPool } from "./proven-pool.ts";

/**
 * Runs the work of a command on the platform's database, beside a running platform or without it: an embedded Postgres that
 * nobody has started runs for that long.
 */
export async function withCommandDatabase<T>(
  config: Config,
  log: Logger,
  { max, statementMs }: { max: number; statementMs?: number },
  work: (pool: ProvenPool) => Promise<T>,
): Promise<T> {
  const embedded =
    config.DATABASE_URL === undefined ? await startEmbeddedPostgres({ dataDir: config.dataDirectory, log }) : undefined;
  try {
    const url = config.DATABASE_URL ?? embedded?.url ?? "";
    await migrate(url, log);
    const applicationName = `waystock ${log.bindings()["part"]}`;
    const pool = createPool(url, { max, applicationName, log, ...(statementMs && { statementMs }) });
    try {
      return await work(pool);
    } finally {
      await pool.end();
    }
  } finally {
    await embedded?.close();
  }
}
