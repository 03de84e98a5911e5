import type { PoolClient } from "pg";
import type { z } from "zod";
import { assertReferences } from "../../http/references.ts";
import type { newShipment } from "./schema.ts";

/** Goods of one product, as they are stored. */
interface Line {
  item_id: number | null;
  product_name: string;
  quantity: number;
}

/** What a shipment says of its goods in its own row, and its lines where they are several. */
export interface Goods extends Line {
  line_count: number;
  lines: readonly Line[];
}

/**
 * Completes the goods that a request names. One line is the same as the short form.
 * @throws Problem 400 for an item that does not exist
 */
export async function goodsOf(client: PoolClient, body: z.output<typeof newShipment>): Promise<Goods> {
  const { item_id, product_name, quantity } = body;
  const asked = body.lines ?? [{ item_id, product_name, quantity: quantity! }];
  const at = (index: number): string => (body.lines === undefined ? "/item_id" : `/lines/${index}/item_id`);
  await assertReferences(
    client,
    "items",
    asked.map(({ item_id: id }, index) => ({ pointer: at(index), id })),
  );
  const names = await namesOf(
    client,
    asked.flatMap(({ item_id: id }) => id ?? []),
  );
  const lines = asked.map((line): Line => {
    const id = line.item_id ?? null;
    return { item_id: id, product_name: line.product_name ?? names.get(id!)!, quantity: line.quantity };
  });
  const [first, ...more] = lines as [Line, ...Line[]];
  if (more.length === 0) return { ...first, line_count: 1, lines: [] };
  return {
    item_id: null,
    product_name: `${first.product_name.slice(0, 200)} and ${more.length} more`,
    quantity: lines.reduce((sum, line) => sum + line.quantity, 0),
    line_count: lines.length,
    lines,
  };
}

async function namesOf(client: PoolClient, ids: readonly number[]): Promise<ReadonlyMap<number, string>> {
  if (ids.length === 0) return new Map();
  const { rows } = await client.query<{ id: number; name: string }>(
    "SELECT id, name FROM items WHERE id = ANY($1::int[])",
    [ids],
  );
  return new Map(rows.map(({ id, name }) => [id, name]));
}

export async function insertLines(client: PoolClient, shipmentId: number, lines: readonly Line[]): Promise<void> {
  if (lines.length === 0) return;
  await client.query(
    `INSERT INTO shipment_lines (shipment_id, line, item_id, product_name, quantity)
    SELECT $1, line, item_id, product_name, quantity FROM jsonb_to_recordset($2::jsonb) AS t (line int, item_id int, product_name text, quantity int)`,
    [shipmentId, JSON.stringify(lines.map((line, at) => ({ line: at + 1, ...line })))],
  );
}

const LINE = (line: string): string =>
  `json_build_object('line', ${line}, 'item_id', item_id, 'product_name', product_name, 'quantity', quantity)`;

/** SQL: the lines of a row of `shipments`. */
export const LINES = `CASE WHEN line_count = 1 THEN json_build_array(${LINE("1")})
  ELSE (SELECT json_agg(${LINE("line")} ORDER BY line) FROM shipment_lines l WHERE l.shipment_id = shipments.id) END AS lines`;
