import type { Pool, PoolClient } from "pg";

/** The address of the API without its last slash: things are named below it. */
export const baseOf = (publicUrl: string): string => publicUrl.replace(/\/+$/, "");

/** Notes the address under which things are named from now on. What was named under another keeps that name. */
export async function rememberNames(db: Pool | PoolClient, publicUrl: string): Promise<void> {
  await db.query(
    `INSERT INTO epcis_names (base) SELECT $1 WHERE (SELECT base FROM epcis_names ORDER BY since DESC, base LIMIT 1) IS DISTINCT FROM $1
    ON CONFLICT (base) DO UPDATE SET since = now()`,
    [baseOf(publicUrl)],
  );
}

/** The addresses of this platform, the one for new events first. */
export async function loadNames(db: Pool | PoolClient): Promise<string[]> {
  const { rows } = await db.query<{ base: string }>({
    name: "epcis_names",
    text: "SELECT base FROM epcis_names ORDER BY since DESC, base",
  });
  return rows.map(({ base }) => base);
}
