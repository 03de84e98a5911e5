import { randomUUID } from "node:crypto";
import type pg from "pg";
import type { RawEnvironment } from "../config/environment.ts";

/** The administrator of a demo, if none is configured. Sign-in is by one-time links only, so nobody knows the password. */
export function demoAdministrator(): RawEnvironment {
  return { ADMIN_EMAIL: "demo@waystock.example", ADMIN_PASSWORD: randomUUID() };
}

/** The id of the user whom the demo signs in: the first active administrator. */
export async function selectAdministrator(pool: pg.Pool): Promise<number> {
  const { rows } = await pool.query<{ id: number }>(
    "SELECT id FROM users WHERE role = 'admin' AND active ORDER BY id LIMIT 1",
  );
  if (rows[0] === undefined) throw new Error("the demo's database has no active administrator");
  return rows[0].id;
}
