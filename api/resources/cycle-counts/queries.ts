import type { Reader } from "../../auth/limits.ts";
import type { PoolClient } from "pg";
import { Conditions } from "../../http/lists/conditions.ts";
import { found } from "../../http/problem.ts";
import type { Versioned } from "../../http/response.ts";
import type { CycleCount } from "./schema.ts";

const CYCLE_COUNT = `SELECT c.id, c.inventory_item_id, i.item_id, t.name, t.sku, i.location_id, greatest(i.quantity, 0) AS quantity, c.state, c.reason, c.suspect,
    c.source_counts, c.differs_since, c.device_id, c.detail, c.counted_quantity, c.actor_id, c.opened_at, c.closed_at, c.updated_at, c.version
  FROM cycle_counts c JOIN inventory_items i ON i.id = c.inventory_item_id JOIN items t ON t.id = i.item_id`;

export interface CycleCountFilter {
  after: number | undefined;
  state: string | undefined;
  locationId: number | undefined;
  limit: number;
}

export async function listCycleCounts(
  db: Reader,
  { after, state, locationId, limit }: CycleCountFilter,
): Promise<Versioned<CycleCount>[]> {
  const conditions = new Conditions()
    .where("c.id > ?", after)
    .where("c.state = ?", state)
    .where("i.location_id = ?", locationId);
  const { rows } = await db.query<Versioned<CycleCount>>(
    `${CYCLE_COUNT} ${conditions.sql} ORDER BY c.id LIMIT ${conditions.parameter(limit)}`,
    conditions.values,
  );
  return rows;
}

export async function findCycleCount(db: Reader, id: number): Promise<Versioned<CycleCount> | undefined> {
  const { rows } = await db.query<Versioned<CycleCount>>(`${CYCLE_COUNT} WHERE c.id = $1`, [id]);
  return rows[0];
}

/** For those who are told of counts, with the owner of the goods. */
export async function findCycleCounts(
  db: Reader,
  ids: readonly number[],
): Promise<(Versioned<CycleCount> & { owner_id: number | null })[]> {
  const { rows } = await db.query<Versioned<CycleCount> & { owner_id: number | null }>(
    `SELECT c.*, i.owner_id FROM (${CYCLE_COUNT} WHERE c.id = ANY ($1::int[])) c JOIN inventory_items i ON i.id = c.inventory_item_id`,
    [ids],
  );
  return rows;
}

/** @throws Problem 404 when there is no such cycle count */
export async function getCycleCount(db: Reader, id: number): Promise<Versioned<CycleCount>> {
  return found(await findCycleCount(db, id), "cycle count");
}

/** Opens a cycle count. @returns its id; undefined when one is open already */
export async function openCycleCount(client: PoolClient, inventoryItemId: number): Promise<number | undefined> {
  const { rows } = await client.query<{ id: number }>(
    `INSERT INTO cycle_counts (inventory_item_id, reason) VALUES ($1, 'asked')
    ON CONFLICT (inventory_item_id) WHERE state = 'open' DO NOTHING RETURNING id`,
    [inventoryItemId],
  );
  return rows[0]?.id;
}
