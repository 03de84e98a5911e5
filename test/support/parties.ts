import type { Pool } from "pg";

/** Adds parties with these numbers, for tests that name them. */
export async function addParties(
  pool: Pool,
  role: "customer" | "supplier" | "owner",
  ids: readonly number[],
): Promise<void> {
  await pool.query(
    `INSERT INTO parties (id, name, roles) OVERRIDING SYSTEM VALUE SELECT id, $2 || ' ' || id, jsonb_build_array($2::text)
      FROM unnest($1::int[]) AS id`,
    [ids, role],
  );
}
