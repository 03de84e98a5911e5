import type { PoolClient } from "pg";
import type { OrderUnit } from "./schema.ts";

/** SQL: the lots of pick `p`, as the fold says: those of the fact that took it from its place. */
export const LOTS_OF_PICK = `(SELECT coalesce(json_agg(json_build_object('lot', m.lot, 'quantity', -m.delta) ORDER BY m.lot), '[]')
  FROM facts f JOIN lot_movements m ON m.id = f.id WHERE f.key = p.fact_key AND m.delta < 0)`;

/** What was picked for a line and has not left, with the lots that the fold says it is of. */
interface PickedGoods {
  id: number;
  line: number;
  itemId: number;
  quantity: number;
  shipped: number;
  lots: { lot: string; quantity: number }[];
}

/**
 * Says of which lots the goods of a shipment are, for recalls: those that were picked first leave first. What has no lot that is known
 * is not named. The row of the order is locked.
 */
export async function shipLots(
  client: PoolClient,
  { orderId, shipmentId, contents }: { orderId: number; shipmentId: number; contents: OrderUnit["contents"] },
): Promise<void> {
  const leaving = new Map<number, number>();
  for (const { line, quantity } of contents) leaving.set(line, (leaving.get(line) ?? 0) + quantity);
  const shipped: { id: number; quantity: number }[] = [];
  const lots = new Map<string, { itemId: number; lot: string; quantity: number }>();
  for (const pick of await loadPicked(client, orderId)) {
    const taken = Math.min(pick.quantity - pick.shipped, leaving.get(pick.line) ?? 0);
    if (taken <= 0) continue;
    leaving.set(pick.line, leaving.get(pick.line)! - taken);
    shipped.push({ id: pick.id, quantity: taken });
    for (const { lot, quantity } of lotsBetween(pick.lots, pick.shipped, pick.shipped + taken)) {
      const key = `${pick.itemId} ${lot}`;
      lots.set(key, { itemId: pick.itemId, lot, quantity: quantity + (lots.get(key)?.quantity ?? 0) });
    }
  }
  await client.query(
    "UPDATE picks p SET shipped = p.shipped + t.quantity FROM jsonb_to_recordset($1::jsonb) AS t (id int, quantity int) WHERE p.id = t.id",
    [JSON.stringify(shipped)],
  );
  await client.query(
    `INSERT INTO shipment_lots (shipment_id, item_id, lot, quantity)
    SELECT $1, "itemId", lot, quantity FROM jsonb_to_recordset($2::jsonb) AS t ("itemId" int, lot text, quantity int)`,
    [shipmentId, JSON.stringify([...lots.values()])],
  );
}

async function loadPicked(client: PoolClient, orderId: number): Promise<PickedGoods[]> {
  const { rows } = await client.query<PickedGoods>(
    `SELECT p.id, p.line, i.item_id AS "itemId", p.quantity, p.shipped, ${LOTS_OF_PICK} AS lots
    FROM picks p JOIN inventory_items i ON i.id = p.inventory_item_id WHERE p.order_id = $1 AND p.quantity > p.shipped ORDER BY p.id`,
    [orderId],
  );
  return rows;
}

/** The lots of the pieces `from` to `to` of a pick; those without a lot are its last ones. */
export function lotsBetween(lots: PickedGoods["lots"], from: number, to: number): PickedGoods["lots"] {
  let before = 0;
  return lots.flatMap(({ lot, quantity }) => {
    const [first, last] = [Math.max(from, before), Math.min(to, before + quantity)];
    before += quantity;
    return last > first ? [{ lot, quantity: last - first }] : [];
  });
}
