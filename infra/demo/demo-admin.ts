import type pg from "pg";

/** The administrator of a demo, if none is configured. */
export const DEMO_EMAIL = "demo@waystock.example";

/** The id of the user whom the demo's link signs in: the one with this address, else the first active administrator. */
export async function selectAdministrator(pool: pg.Pool, email: string): Promise<number> {
  const { rows } = await pool.query<{ id: number }>(
    "SELECT id FROM users WHERE role = 'admin' AND active ORDER BY lower(email) = lower($1) DESC, id LIMIT 1",
    [email],
  );
  if (rows[0] === undefined) throw new Error("the demo's database has no active administrator");
  return rows[0].id;
}
