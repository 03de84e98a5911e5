import { LOT_HOLD } from "../../../ingest/domain/stock/lots.ts";
import { csvLines } from "../../tables/csv-text.ts";
import type { Reader } from "../../auth/limits.ts";
import { type Lot, RECALL_KINDS, type RecallRow } from "./schema.ts";

/** The place in the list of the last row of a page: kind, and id of its kind. */
export type RecallKey = readonly [kind: RecallRow["kind"], id: number];

/**
 * Everything that holds a lot or has held it: stock positions, shipments (by their own lots and by the contents of their handling
 * units), and single pieces with a serial. By kind and id.
 */
export async function listRecall(
  db: Reader,
  { item_id: itemId, number }: Pick<Lot, "item_id" | "number">,
  after: RecallKey | undefined,
  limit: number,
): Promise<RecallRow[]> {
  const rank = after === undefined ? 0 : RECALL_KINDS.indexOf(after[0]) + 1;
  const { rows } = await db.query<RecallRow & { rank: number }>({
    name: "api_recall",
    text: `SELECT kind, id, place, location_id, code, status, quantity, moved_in, since, until FROM (
      (SELECT 1 AS rank, 'stock' AS kind, i.id, p.name AS place, i.location_id, NULL AS code, i.condition AS status,
        coalesce(s.quantity, 0) AS quantity, m.moved_in, m.since, CASE WHEN s.quantity IS NULL THEN m.last END AS until
      FROM (SELECT inventory_item_id, least(sum(greatest(delta, 0))
              FILTER (WHERE NOT EXISTS (SELECT FROM facts f WHERE f.id = lot_movements.id AND f.rule = '${LOT_HOLD}')), 2147483647)::int AS moved_in,
            min(at) AS since, max(at) AS last
          FROM lot_movements WHERE item_id = $1 AND lot = $2 AND ($3 < 1 OR $3 = 1 AND inventory_item_id > $4) GROUP BY inventory_item_id) m
        JOIN inventory_items i ON i.id = m.inventory_item_id JOIN locations p ON p.id = i.location_id
        LEFT JOIN stock_lots s ON s.inventory_item_id = i.id AND s.lot = $2
      WHERE $3 <= 1 ORDER BY i.id LIMIT $5)
      UNION ALL
      (SELECT 2, 'shipment', h.id, p.name, h.destination_id, h.tracking_number, h.status, least(q.quantity, 2147483647)::int, NULL, h.created_at, NULL
      FROM (SELECT shipment_id, sum(quantity) AS quantity FROM shipment_lots WHERE item_id = $1 AND lot = $2 GROUP BY shipment_id) q
        JOIN shipments h ON h.id = q.shipment_id LEFT JOIN locations p ON p.id = h.destination_id
      WHERE $3 < 2 OR $3 = 2 AND h.id > $4 ORDER BY h.id LIMIT $5)
      UNION ALL
      (SELECT 3, 'piece', x.id, p.name, p.id, x.serial, coalesce(x.state, 'unseen'), CASE WHEN x.state = 'there' THEN 1 ELSE 0 END, NULL, x.since, NULL
      FROM serials x LEFT JOIN locations p ON p.id = x.location_id
      WHERE x.item_id = $1 AND x.lot = $2 AND ($3 < 3 OR $3 = 3 AND x.id > $4) ORDER BY x.id LIMIT $5)
    ) r ORDER BY rank, id LIMIT $5`,
    values: [itemId, number, rank, after?.[1] ?? 0, limit],
  });
  return rows;
}

const COLUMNS = [
  "kind",
  "id",
  "place",
  "location_id",
  "code",
  "status",
  "quantity",
  "moved_in",
  "since",
  "until",
] as const;
/** Rows that are read, and written, together. */
const PAGE_SIZE = 1_000;

/** The same as CSV (RFC 4180, with a header line), page by page. What a spreadsheet would run as a formula is marked as text. */
export async function* recallCsv(db: Reader, lot: Lot): AsyncGenerator<Uint8Array> {
  yield csvLines([["lot", "sku", ...COLUMNS]]);
  let after: RecallKey | undefined;
  for (;;) {
    const rows = await listRecall(db, lot, after, PAGE_SIZE);
    if (rows.length > 0) yield csvLines(rows.map((row) => [lot.number, lot.sku, ...COLUMNS.map((name) => row[name])]));
    if (rows.length < PAGE_SIZE) return;
    const { kind, id } = rows.at(-1)!;
    after = [kind, id];
  }
}
