import type { Place, PlaceKind } from "../../../ingest/domain/stock/put-away-kinds.ts";
import { parseScannedCode } from "../../../ingest/domain/gs1/scanned-code.ts";
import { shortGtins } from "../../../ingest/domain/gs1/gtin.ts";
import type { Reader } from "../../auth/limits.ts";
import { Conditions } from "../../http/lists/conditions.ts";
import { found } from "../../http/problem.ts";
import { locationOfCode } from "../labels/label.ts";

/** Goods that lie in a place and are to be put away. */
export interface GoodsRow {
  id: number;
  item_id: number;
  owner_id: number | null;
  name: string;
  sku: string;
  condition: string;
  storage_category: string | null;
  unit: string;
  quantity: number;
  unit_volume_litres: number | null;
  unit_weight_grams: number | null;
}

/** What of a position may be put away: of good goods what is not reserved. */
const QUANTITY = "greatest(i.quantity, 0) - CASE WHEN i.condition = 'good' THEN i.reserved ELSE 0 END";

export interface GoodsFilter {
  locationId: number;
  /** in a quality place the other goods stay */
  onlyGood: boolean;
  code: string | undefined;
  after: number | undefined;
  limit: number;
}

/** The positions of a place with something to put away, by id. */
export async function listGoods(db: Reader, filter: GoodsFilter): Promise<GoodsRow[]> {
  const conditions = new Conditions()
    .where("i.location_id = ?", filter.locationId)
    .where("i.id > ?", filter.after)
    .is(`${QUANTITY} > 0`, true);
  if (filter.onlyGood) conditions.is("i.condition = 'good'", true);
  if (filter.code !== undefined) {
    const { gtin } = parseScannedCode(filter.code);
    const codes = conditions.parameter(gtin === undefined ? [filter.code] : [filter.code, ...shortGtins(gtin)]);
    conditions.is(
      `t.sku = ANY(${codes}) OR t.gtin = ANY(${codes}) OR t.barcode = ANY(${codes}) OR EXISTS (
        SELECT FROM jsonb_array_elements(t.packs) p WHERE p ->> 'gtin' = ANY(${codes}))`,
      true,
    );
  }
  const { rows } = await db.query<GoodsRow>(
    `SELECT i.id, i.item_id, i.owner_id, t.name, t.sku, i.condition, t.storage_category, t.base_unit AS unit, ${QUANTITY} AS quantity,
      t.unit_volume_litres, t.unit_weight_grams
    FROM inventory_items i JOIN items t ON t.id = i.item_id ${conditions.sql} ORDER BY i.id LIMIT ${conditions.parameter(filter.limit)}`,
    conditions.values,
  );
  return rows;
}

/** @throws Problem 404 */
export async function getPlaceKind(db: Reader, id: number): Promise<PlaceKind | null> {
  const { rows } = await db.query<{ kind: PlaceKind | null }>("SELECT kind FROM locations WHERE id = $1", [id]);
  return found(rows[0], "location").kind;
}

/** The location without a parent that one lies in, or is. */
export async function siteOf(db: Reader, id: number): Promise<number> {
  const { rows } = await db.query<{ id: number }>(
    `WITH RECURSIVE above AS (
      SELECT id, parent_id FROM locations WHERE id = $1
      UNION SELECT l.id, l.parent_id FROM locations l JOIN above ON l.id = above.parent_id
    ) SELECT id FROM above WHERE parent_id IS NULL`,
    [id],
  );
  return found(rows[0], "location").id;
}

interface PlaceRow {
  id: number;
  name: string;
  parent_id: number | null;
  kind: PlaceKind | null;
  storage_category: string | null;
  barcode: string | null;
  capacity_units: number | null;
  capacity_litres: number | null;
  capacity_kilograms: number | null;
  units: number;
  litres: number;
  kilograms: number;
}

export type SitePlace = Place & { barcode: string | null };

/** All places of a site, with what lies in each of them, whoever asks: goods that are not shown take room, too. */
export async function readSite(db: Reader, siteId: number): Promise<SitePlace[]> {
  const { rows } = await db.query<PlaceRow>(
    `WITH RECURSIVE within AS (
      SELECT id FROM locations WHERE id = $1 UNION SELECT l.id FROM locations l JOIN within w ON l.parent_id = w.id
    ), stock AS (
      SELECT i.location_id, sum(greatest(i.quantity, 0))::float8 AS units,
        sum(greatest(i.quantity, 0) * coalesce(t.unit_volume_litres, 0)) AS litres,
        sum(greatest(i.quantity, 0) * coalesce(t.unit_weight_grams, 0) / 1000) AS kilograms
      FROM within w JOIN inventory_items i ON i.location_id = w.id JOIN items t ON t.id = i.item_id GROUP BY i.location_id
    )
    SELECT l.id, l.name, l.parent_id, l.kind, l.storage_category, l.barcode, l.capacity_units, l.capacity_litres, l.capacity_kilograms,
      coalesce(s.units, 0) AS units, coalesce(s.litres, 0) AS litres, coalesce(s.kilograms, 0) AS kilograms
    FROM within w JOIN locations l ON l.id = w.id LEFT JOIN stock s ON s.location_id = l.id`,
    [siteId],
  );
  return rows.map((row) => ({
    id: row.id,
    name: row.name,
    parentId: row.id === siteId ? null : row.parent_id,
    kind: row.kind,
    storageCategory: row.storage_category,
    barcode: row.barcode,
    capacity: { units: row.capacity_units, litres: row.capacity_litres, kilograms: row.capacity_kilograms },
    used: { units: row.units, litres: row.litres, kilograms: row.kilograms },
  }));
}

/** The ids among these that `db` shows. */
export async function shownAmong(db: Reader, ids: readonly number[]): Promise<Set<number>> {
  const { rows } = await db.query<{ id: number }>("SELECT id FROM locations WHERE id = ANY($1::int[])", [ids]);
  return new Set(rows.map(({ id }) => id));
}

/** Among these places: where the same good goods of the same owner lie, and how many: by item and owner, then by place. */
export async function sameGoodsAt(
  db: Reader,
  goods: readonly Pick<GoodsRow, "item_id" | "owner_id">[],
  placeIds: readonly number[],
): Promise<(of: Pick<GoodsRow, "item_id" | "owner_id">) => ReadonlyMap<number, number>> {
  const { rows } = await db.query<{ item_id: number; owner_id: number | null; location_id: number; quantity: number }>(
    `SELECT item_id, owner_id, location_id, quantity FROM inventory_items
    WHERE item_id = ANY($1::int[]) AND location_id = ANY($2::int[]) AND condition = 'good' AND quantity > 0`,
    [[...new Set(goods.map(({ item_id }) => item_id))], placeIds],
  );
  const byGoods = new Map<string, Map<number, number>>();
  const keyOf = (of: Pick<GoodsRow, "item_id" | "owner_id">) => `${of.item_id} ${of.owner_id}`;
  for (const row of rows) {
    const places = byGoods.get(keyOf(row)) ?? new Map<number, number>();
    byGoods.set(keyOf(row), places.set(row.location_id, row.quantity));
  }
  return (of) => byGoods.get(keyOf(of)) ?? new Map();
}

/** The place that a label names: by its own barcode, or by the code that we print. */
export async function findPlaceByCode(db: Reader, code: string): Promise<{ id: number } | undefined> {
  const { rows } = await db.query<{ id: number }>(
    "SELECT id FROM locations WHERE barcode = $1 OR id = $2::integer ORDER BY barcode = $1 DESC NULLS LAST LIMIT 1",
    [code, locationOfCode(code) ?? null],
  );
  return rows[0];
}
