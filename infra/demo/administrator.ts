import type pg from "pg";

/** The administrator a demo signs in: the first that is active. */
export async function selectAdministrator(pool: pg.Pool): Promise<number> {
  const { rows } = await pool.query<{ id: number }>(
    "SELECT id FROM users WHERE role = 'admin' AND active ORDER BY id LIMIT 1",
  );
  if (rows[0] === undefined) throw new Error("the demo's database has no active administrator");
  return rows[0].id;
}
