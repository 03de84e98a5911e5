import type { Pool, PoolClient } from "pg";
import { inTransaction } from "../../../ingest/decisions/record-facts.ts";
import { type Stage, STAGES } from "../../../ingest/domain/fact.ts";

const NAMES: Readonly<Record<Stage, string>> = {
  production: "Production",
  storage: "Storage",
  transportation: "Transportation",
  delivery: "Delivery",
};

/**
 * Makes sure, once, that each stage has a location where goods are of which a person or another system tells the stage alone. The only
 * location of a stage that there is already becomes it; else one is made. A person may rename, change or delete it.
 */
export async function ensureDefaultLocations(pool: Pool): Promise<void> {
  await inTransaction(pool, async (client) => {
    for (const stage of STAGES) {
      const { rowCount } = await client.query(
        "INSERT INTO default_locations (stage) VALUES ($1) ON CONFLICT DO NOTHING",
        [stage],
      );
      if (rowCount === 0) continue;
      const id = (await findLocationOfStage(client, stage)) ?? (await insertLocation(client, stage));
      await client.query("UPDATE default_locations SET location_id = $2 WHERE stage = $1", [stage, id]);
    }
  });
}

async function insertLocation(client: PoolClient, stage: Stage): Promise<number> {
  const { rows } = await client.query<{ id: number }>(
    "INSERT INTO locations (name, stage) VALUES ($1, $2) RETURNING id",
    [NAMES[stage], stage],
  );
  return rows[0]!.id;
}

/** The default location of a stage, as far as the caller's limits show it, else the only one of that stage; undefined when there are several or none. */
export async function findLocationOfStage(client: PoolClient, stage: Stage): Promise<number | undefined> {
  const { rows } = await client.query<{ id: number; isDefault: boolean }>(
    `SELECT l.id, d.location_id IS NOT NULL AS "isDefault" FROM locations l
    LEFT JOIN default_locations d ON d.location_id = l.id AND d.stage = l.stage
    WHERE l.stage = $1 ORDER BY "isDefault" DESC, l.id LIMIT 2`,
    [stage],
  );
  const [first] = rows;
  return first?.isDefault || rows.length === 1 ? first!.id : undefined;
}
