import { setTimeout as sleep } from "node:timers/promises";
import type pg from "pg";
import type { Logger } from "pino";

/** SQLSTATEs that waiting does not solve: wrong password (class 28), no such database, no privilege to connect. */
const PERMANENT_ERRORS = /^(28...|3D000|42501)$/;

/**
 * Waits until the database behind `pool` answers: a database that starts together with this process may take longer.
 * @throws after `seconds`, or at once when waiting does not help (wrong password, no such database)
 */
export async function waitForPostgres(
  pool: pg.Pool,
  { seconds, log }: { seconds: number; log: Logger },
): Promise<void> {
  const deadline = performance.now() + seconds * 1000;
  for (let attempt = 0; ; attempt++) {
    try {
      await pool.query("SELECT 1");
      return;
    } catch (error) {
      const code = (error as { code?: unknown }).code;
      if (typeof code === "string" && PERMANENT_ERRORS.test(code)) throw error;
      if (performance.now() >= deadline) {
        throw new Error(`Postgres did not answer within ${seconds} s: ${String(error)}`, { cause: error });
      }
      if (attempt === 0) log.warn({ err: error, seconds }, "Postgres does not answer; waiting");
      await sleep(250);
    }
  }
}
