import { randomUUID } from "node:crypto";
import type pg from "pg";
import type { RawEnvironment } from "../config/environment.ts";

/** Who administers a demo when nobody is named; signs in by one-time links alone, so the password is nobody's. */
export function demoAdministrator(): RawEnvironment {
  return { ADMIN_EMAIL: "demo@waystock.example", ADMIN_PASSWORD: randomUUID() };
}

/** The administrator a demo signs in: the first that is active. */
export async function selectAdministrator(pool: pg.Pool): Promise<number> {
  const { rows } = await pool.query<{ id: number }>(
    "SELECT id FROM users WHERE role = 'admin' AND active ORDER BY id LIMIT 1",
  );
  if (rows[0] === undefined) throw new Error("the demo's database has no active administrator");
  return rows[0].id;
}
