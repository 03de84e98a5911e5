import type pg from "pg";
import type { Logger } from "pino";

/** Warns when `DATABASE_URL` names a superuser: whoever injects SQL could then read files and start programs there. */
export async function warnOfSuperuser(pool: pg.Pool, log: Logger): Promise<void> {
  const { rows } = await pool.query<{ role: string; rolsuper: boolean }>(
    "SELECT rolname AS role, rolsuper FROM pg_roles WHERE rolname = current_user",
  );
  if (rows[0]?.rolsuper !== true) return;
  const hint = "make a role that owns the database and nothing else: CREATE ROLE waystock LOGIN PASSWORD '…'";
  log.warn({ role: rows[0].role, hint }, "the platform uses Postgres as a superuser");
}
