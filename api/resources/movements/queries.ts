import type { LotQuantity } from "../../../ingest/domain/stock/lots.ts";
import type { Reader } from "../../auth/limits.ts";
import { Conditions } from "../../http/lists/conditions.ts";
import { found } from "../../http/problem.ts";
import type { Versioned } from "../../http/response.ts";
import type { Movement } from "./schema.ts";

/** What a movement shows of itself (`m`) and of its fact. Movements of before facts had any are `opening`. */
const COLUMNS = `m.id, m.inventory_item_id, i.item_id, t.name, t.sku, i.location_id, i.owner_id, i.condition, date_trunc('milliseconds', m.at) AS at,
    CASE WHEN f.id IS NULL THEN 'opening' WHEN f.type IN ('counted', 'lot_counted') THEN 'count' WHEN f.data ? 'reverses' THEN 'reversal'
      WHEN f.data ? 'transfer' THEN 'transfer' WHEN f.data ->> 'reason' = 'received' THEN 'receipt'
      WHEN f.data ->> 'reason' = 'picked' THEN 'pick' ELSE 'adjustment' END AS kind,
    m.delta AS quantity, m.level, t.base_unit AS unit, m.unfit, f.data ->> 'reason' AS reason,
    CASE WHEN f.type = 'lot_counted' THEN jsonb_build_array(f.data - 'expiry')
      ELSE (SELECT coalesce(jsonb_agg(l - 'expiry'), '[]') FROM jsonb_array_elements(f.data -> 'lots') l) END AS lots, f.data ->> 'source' AS source,
    f.rule, coalesce(f.evidence, '[]') AS evidence, f.confidence, f.actor_id, f.device_id, (f.data ->> 'reverses')::bigint AS reverses,
    (SELECT r.id FROM facts r WHERE r.key = 'voided:' || m.id AND r.withdrawn_at IS NULL) AS reversed_by,
    (SELECT o.id FROM facts o WHERE o.key = 'transfer:' || (f.data ->> 'transfer') || CASE WHEN f.key LIKE '%:in' THEN ':out' ELSE ':in' END) AS transfer_id,
    f.recorded_at, i.version`;
const JOINED = `JOIN inventory_items i ON i.id = m.inventory_item_id JOIN items t ON t.id = i.item_id LEFT JOIN facts f ON f.id = m.id`;

export async function getMovement(db: Reader, id: number): Promise<Versioned<Movement>> {
  const { rows } = await db.query<Versioned<Movement>>({
    name: "api_movement",
    text: `SELECT ${COLUMNS} FROM movements m ${JOINED} WHERE m.id = $1`,
    values: [id],
  });
  return found(rows[0], "movement");
}

export interface MovementFilter {
  inventoryItemId: number | undefined;
  itemId: number | undefined;
  locationId: number | undefined;
  /** newest first */
  isDescending: boolean;
  /** id of the last one on the page before */
  after: number | undefined;
  limit: number;
}

/** Up to so many positions the movements are taken position by position, of more by looking through all movements. */
const FEW_POSITIONS = 2_000;

/** By id, which is the order in which they became known. @param isLimited whether `db` shows only some of them */
export async function listMovements(
  db: Reader,
  filter: MovementFilter,
  isLimited: boolean,
): Promise<Versioned<Movement>[]> {
  const { after, limit, isDescending } = filter;
  const order = isDescending ? "DESC" : "ASC";
  const positions = new Conditions()
    .where("id = ?", filter.inventoryItemId)
    .where("item_id = ?", filter.itemId)
    .where("location_id = ?", filter.locationId);
  const few = positions.sql === "" && !isLimited ? undefined : await findFewPositions(db, positions);
  const movements = new Conditions().where(isDescending ? "m.id < ?" : "m.id > ?", after);
  if (few) movements.is("m.inventory_item_id = p.id", true);
  else movements.where("i.item_id = ?", filter.itemId).where("i.location_id = ?", filter.locationId);
  const page = `ORDER BY m.id ${order} LIMIT ${movements.parameter(limit)}`;
  const rows = few
    ? `(SELECT n.* FROM unnest(${movements.parameter(few)}::int[]) AS p (id) CROSS JOIN LATERAL (
        SELECT m.* FROM movements m ${movements.sql} ${page}) n)`
    : `(SELECT m.* FROM movements m JOIN inventory_items i ON i.id = m.inventory_item_id ${movements.sql} ${page})`;
  const result = await db.query<Versioned<Movement>>(
    `SELECT ${COLUMNS} FROM (SELECT * FROM ${rows} m ${page}) m ${JOINED} ORDER BY m.id ${order}`,
    movements.values,
  );
  return result.rows;
}

/** The ids of these positions; undefined when there are many. */
async function findFewPositions(db: Reader, { sql, values }: Conditions): Promise<number[] | undefined> {
  const text = `SELECT id FROM inventory_items ${sql} LIMIT ${FEW_POSITIONS + 1}`;
  const { rows } = await db.query<{ id: number }>(text, values);
  return rows.length > FEW_POSITIONS ? undefined : rows.map(({ id }) => id);
}

/** The movements of facts with these keys, in their order. */
export async function movementIdsOf(db: Reader, keys: readonly string[]): Promise<number[]> {
  const { rows } = await db.query<{ id: number }>(
    "SELECT f.id FROM unnest($1::text[]) WITH ORDINALITY AS k (key, at) JOIN facts f ON f.key = k.key ORDER BY k.at",
    [keys],
  );
  return rows.map(({ id }) => id);
}

export interface StockSum {
  id: number;
  itemId: number;
  locationId: number;
  ownerId: number | null;
  condition: string;
  /** of counts and adjustments; it may lie outside of what a level can be */
  sum: number;
  isMeasured: boolean;
  /** in the order in which they came */
  lots: LotQuantity[];
}

const SUM = `SELECT id, item_id AS "itemId", location_id AS "locationId", owner_id AS "ownerId", condition,
  coalesce((fold ->> 'quantity')::float8, quantity) AS sum, measured_at IS NOT NULL AS "isMeasured",
  coalesce(fold -> 'lots', '[]') AS lots FROM inventory_items`;

export async function findStockSum(db: Reader, id: number): Promise<StockSum | undefined> {
  const { rows } = await db.query<StockSum>(`${SUM} WHERE id = $1`, [id]);
  return rows[0];
}

/** @param place without owner and condition: the position that sensors count */
export async function findStockAt(
  db: Reader,
  place: { itemId: number; locationId: number; ownerId?: number | null | undefined; condition?: string | undefined },
): Promise<StockSum | undefined> {
  const { rows } = await db.query<StockSum>(
    `${SUM} WHERE item_id = $1 AND location_id = $2 AND ($3::boolean OR owner_id IS NOT DISTINCT FROM $4::int)
      AND condition = coalesce($5, condition) ORDER BY is_main DESC, condition = 'good' DESC, id LIMIT 1`,
    [place.itemId, place.locationId, place.ownerId === undefined, place.ownerId ?? null, place.condition ?? null],
  );
  return rows[0];
}

export async function readLedgerCheck(db: Reader) {
  const { rows } = await db.query<{ checked_at: Date; positions: number; different: number; examples: number[] }>(
    "SELECT checked_at, positions, different, examples FROM ledger_checks",
  );
  return rows[0] ?? { checked_at: null, positions: 0, different: 0, examples: [] };
}
