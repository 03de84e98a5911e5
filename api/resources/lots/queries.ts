import type { PoolClient } from "pg";
import { beyondLimits, type Reader } from "../../auth/limits.ts";
import { Conditions, beginningWith } from "../../http/lists/conditions.ts";
import { found } from "../../http/problem.ts";
import type { Versioned } from "../../http/response.ts";
import type { Lot, LotHold, LotMovement, StockLot } from "./schema.ts";

/** SQL: the day of now, which ends at midnight UTC. */
const TODAY = "(now() AT TIME ZONE 'UTC')::date";
const dayOf = (column: string): string => `to_char(${column}, 'YYYY-MM-DD')`;

const LOT = `SELECT l.id, l.item_id, t.name, t.sku, t.base_unit AS unit, l.number, ${dayOf("l.expires_on")} AS expires_on,
    coalesce(l.expires_on < ${TODAY}, false) AS is_expired, l.supplier_id, l.release_condition, l.held_at IS NOT NULL AS on_hold,
    l.hold_reason, l.held_at, s.quantity, s.quantity_on_hold, s.places, l.created_at, l.updated_at, l.version
  FROM lots l JOIN items t ON t.id = l.item_id CROSS JOIN LATERAL (
    SELECT coalesce(sum(s.quantity), 0)::float8 AS quantity, coalesce(sum(s.quantity) FILTER (WHERE i.condition = 'hold'), 0)::float8 AS quantity_on_hold,
      count(DISTINCT i.location_id)::int AS places
    FROM stock_lots s JOIN inventory_items i ON i.id = s.inventory_item_id WHERE s.item_id = l.item_id AND s.lot = l.number) s`;

export async function findLot(db: Reader, id: number): Promise<Versioned<Lot> | undefined> {
  const { rows } = await db.query<Versioned<Lot>>({
    name: "api_lot",
    text: `${LOT} WHERE l.id = $1`,
    values: [id],
  });
  return rows[0];
}

/** @throws Problem 404 when there is no such lot */
export const getLot = async (db: Reader, id: number): Promise<Versioned<Lot>> => found(await findLot(db, id), "lot");

export interface LotFilter {
  after: number | undefined;
  itemId: number | undefined;
  locationId: number | undefined;
  /** what its number begins with */
  q: string | undefined;
  isOnHold: boolean | undefined;
  isExpired: boolean | undefined;
  /** ISO date: those that expire on an earlier day */
  expiresBefore: string | undefined;
  isInStock: boolean | undefined;
  limit: number;
}

/** The lots in some of the stock, as an array: few for a location, and for who sees little. */
const lotsIn = (where: string): string =>
  `ARRAY(SELECT o.id FROM inventory_items i JOIN stock_lots p ON p.inventory_item_id = i.id
    JOIN lots o ON o.item_id = p.item_id AND o.number = p.lot ${where})`;
/** No EXISTS: Postgres would join all stock first, where a page needs a few lots. */
const IN_STOCK = "(SELECT true FROM stock_lots p WHERE p.item_id = l.item_id AND p.lot = l.number LIMIT 1)";

/** @param isLimited whether `db` shows only some of the stock */
export async function listLots(db: Reader, filter: LotFilter, isLimited: boolean): Promise<Versioned<Lot>[]> {
  const conditions = new Conditions()
    .where("l.id > ?", filter.after)
    .where("l.item_id = ?", filter.itemId)
    .where(`l.id = ANY(${lotsIn("WHERE i.location_id = ?")})`, filter.locationId)
    .where("lower(l.number) LIKE lower(?)", beginningWith(filter.q))
    .where("l.expires_on < ?::date", filter.expiresBefore)
    .is("l.held_at IS NOT NULL", filter.isOnHold)
    .is(`l.expires_on < ${TODAY}`, filter.isExpired)
    .is(isLimited ? `l.id = ANY(${lotsIn("")})` : IN_STOCK, filter.isInStock);
  const { rows } = await db.query<Versioned<Lot>>(
    `${LOT} ${conditions.sql} ORDER BY l.id LIMIT ${conditions.parameter(filter.limit)}`,
    conditions.values,
  );
  return rows;
}

/** Whether goods of a lot may be picked. @returns undefined for a lot that nobody has named before */
export async function findLotByNumber(
  db: Reader,
  itemId: number,
  number: string,
): Promise<Pick<Lot, "on_hold" | "is_expired" | "expires_on"> | undefined> {
  const { rows } = await db.query<Pick<Lot, "on_hold" | "is_expired" | "expires_on">>(
    `SELECT held_at IS NOT NULL AS on_hold, coalesce(expires_on < ${TODAY}, false) AS is_expired, ${dayOf("expires_on")} AS expires_on
    FROM lots WHERE item_id = $1 AND number = $2`,
    [itemId, number],
  );
  return rows[0];
}

/** The last holds of a lot, newest first. */
export async function listHolds(
  db: Reader,
  lotId: number,
  before: number | undefined,
  limit: number,
): Promise<LotHold[]> {
  const { rows } = await db.query<LotHold>(
    `SELECT id, reason, held_at, held_by, release_reason, released_at, released_by FROM lot_holds
    WHERE lot_id = $1 AND id < $2 ORDER BY id DESC LIMIT $3`,
    [lotId, before ?? 2_147_483_647, limit],
  );
  return rows;
}

/** What came and went of a lot, in the order in which it became known, newest first. */
export async function listLotMovements(
  db: Reader,
  { item_id: itemId, number }: Pick<Lot, "item_id" | "number">,
  before: readonly [id: number, position: number] | undefined,
  limit: number,
): Promise<LotMovement[]> {
  const { rows } = await db.query<LotMovement>(
    `SELECT m.id, m.inventory_item_id, i.location_id, i.condition, date_trunc('milliseconds', m.at) AS at, m.delta AS change, m.quantity,
      f.data ->> 'reason' AS reason, f.actor_id, f.device_id
    FROM lot_movements m JOIN inventory_items i ON i.id = m.inventory_item_id LEFT JOIN facts f ON f.id = m.id
    WHERE m.item_id = $1 AND m.lot = $2 AND (m.id, m.inventory_item_id) < ($3, $4) ORDER BY m.id DESC, m.inventory_item_id DESC LIMIT $5`,
    [itemId, number, before?.[0] ?? Number.MAX_SAFE_INTEGER, before?.[1] ?? 0, limit],
  );
  return rows;
}

/** What a stock position holds by lot: what expires first comes first, and last what has no lot that is known. */
export async function listLotsAt(db: Reader, stockId: number): Promise<StockLot[]> {
  const { rows } = await db.query<StockLot>({
    name: "api_lots_at",
    text: `SELECT l.id AS lot_id, s.lot, s.quantity, ${dayOf("l.expires_on")} AS expires_on, coalesce(l.expires_on < ${TODAY}, false) AS is_expired,
        coalesce(l.held_at IS NOT NULL, false) AS on_hold, s.since
      FROM (SELECT item_id, lot, quantity, since FROM stock_lots WHERE inventory_item_id = $1
        UNION ALL SELECT i.item_id, NULL, greatest(i.quantity, 0) - coalesce((SELECT sum(quantity) FROM stock_lots WHERE inventory_item_id = $1), 0)::int, NULL
        FROM inventory_items i WHERE i.id = $1) s LEFT JOIN lots l ON l.item_id = s.item_id AND l.number = s.lot
      WHERE s.quantity > 0 ORDER BY s.lot IS NULL, l.expires_on NULLS LAST, s.since, s.lot`,
    values: [stockId],
  });
  return rows;
}

/**
 * Adds a lot that a person or a document names, if it is not known. The number of a lot is its own whoever may see it.
 * @returns its id, and whether it is new
 */
export async function ensureLot(
  client: PoolClient,
  itemId: number,
  number: string,
): Promise<{ id: number; isNew: boolean }> {
  const [lot] = await beyondLimits(client, async () => {
    // Locked, so that what is said of it next is said of this row.
    const { rows } = await client.query<{ id: number; isNew: boolean }>(
      `INSERT INTO lots (item_id, number) VALUES ($1, $2)
      ON CONFLICT (item_id, number) DO UPDATE SET number = excluded.number RETURNING id, xmax = 0 AS "isNew"`,
      [itemId, number],
    );
    return rows;
  });
  return lot!;
}

/** The facts of a lot that a person may state. */
export interface LotDetails {
  expires_on?: string | null | undefined;
  supplier_id?: number | null | undefined;
  release_condition?: string | null | undefined;
}

/** States the given details of a lot. A date that a person has stated is not changed by labels any more. */
export async function stateLot(client: PoolClient, id: number, details: LotDetails): Promise<void> {
  const { expires_on: expiry, supplier_id: supplier, release_condition: condition } = details;
  await client.query(
    `UPDATE lots SET expires_on = CASE WHEN $2 THEN $3::date ELSE expires_on END, is_expiry_stated = is_expiry_stated OR $2,
      supplier_id = CASE WHEN $4 THEN $5::int ELSE supplier_id END, release_condition = CASE WHEN $6 THEN $7 ELSE release_condition END,
      updated_at = now(), version = version + 1 WHERE id = $1`,
    [
      id,
      expiry !== undefined,
      expiry ?? null,
      supplier !== undefined,
      supplier ?? null,
      condition !== undefined,
      condition ?? null,
    ],
  );
}

/** Puts a lot on hold. */
export async function openHold(client: PoolClient, id: number, reason: string, userId: number | null): Promise<void> {
  await client.query("INSERT INTO lot_holds (lot_id, reason, held_by) VALUES ($1, $2, $3)", [id, reason, userId]);
  await client.query(
    "UPDATE lots SET held_at = now(), hold_reason = $2, updated_at = now(), version = version + 1 WHERE id = $1",
    [id, reason],
  );
}

/** Ends the hold of a lot. */
export async function closeHold(client: PoolClient, id: number, reason: string, userId: number | null): Promise<void> {
  await client.query(
    `UPDATE lot_holds SET release_reason = $2, released_at = now(), released_by = $3 WHERE lot_id = $1 AND released_at IS NULL`,
    [id, reason, userId],
  );
  await client.query(
    "UPDATE lots SET held_at = NULL, hold_reason = NULL, updated_at = now(), version = version + 1 WHERE id = $1",
    [id],
  );
}
