import type { PoolClient } from "pg";
import type { Reader } from "../../auth/limits.ts";
import type { Versioned } from "../../http/response.ts";
import type { OrderUnit } from "./schema.ts";

const UNIT = `SELECT u.id, u.order_id, u.sscc, u.contents, u.weight_grams, u.packaging_grams,
    u.expected_weight_grams, u.scale_id, u.weighed_at, u.weight_reason, u.shipment_id, s.tracking_number, u.created_at, u.updated_at, u.version
  FROM order_units u LEFT JOIN shipments s ON s.id = u.shipment_id`;

export async function listUnits(
  db: Reader,
  orderId: number,
  { after = 0, limit }: { after: number | undefined; limit: number },
): Promise<Versioned<OrderUnit>[]> {
  const { rows } = await db.query<Versioned<OrderUnit>>(
    `${UNIT} WHERE u.order_id = $1 AND u.id > $2 ORDER BY u.id LIMIT $3`,
    [orderId, after, limit],
  );
  return rows;
}

/** Units of an order that are not shipped. */
export async function packedUnits(client: PoolClient, orderId: number): Promise<OrderUnit[]> {
  const { rows } = await client.query<OrderUnit>(
    `${UNIT} WHERE u.order_id = $1 AND u.shipment_id IS NULL ORDER BY u.id`,
    [orderId],
  );
  return rows;
}

export async function assignUnits(client: PoolClient, ids: readonly number[], shipmentId: number): Promise<void> {
  await client.query(
    "UPDATE order_units SET shipment_id = $2, updated_at = now(), version = version + 1 WHERE id = ANY($1::int[])",
    [ids, shipmentId],
  );
}

/** Counts what units hold as shipped. */
export async function shipLines(client: PoolClient, orderId: number, contents: OrderUnit["contents"]): Promise<void> {
  await client.query(
    `UPDATE order_lines l SET shipped = l.shipped + c.quantity
    FROM (SELECT line, sum(quantity)::int AS quantity FROM jsonb_to_recordset($2::jsonb) AS t (line int, quantity int) GROUP BY line) c
    WHERE l.order_id = $1 AND l.line = c.line`,
    [orderId, JSON.stringify(contents)],
  );
}

/** Where goods of an order were picked first, of one that names no place. */
export async function originOf(client: PoolClient, orderId: number): Promise<number> {
  const { rows } = await client.query<{ id: number }>(
    `SELECT i.location_id AS id FROM picks p JOIN inventory_items i ON i.id = p.inventory_item_id WHERE p.order_id = $1 ORDER BY p.id LIMIT 1`,
    [orderId],
  );
  return rows[0]!.id;
}
