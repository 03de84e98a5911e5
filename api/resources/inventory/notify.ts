import type { PoolClient } from "pg";

/** pg_notify takes 8,000 bytes. */
const MAX_LISTED = 700;

/** Tells caches and the live stream that these stock positions have changed; more than 700 are not listed one by one. */
export async function notifyStockChanged(client: PoolClient, ids: readonly number[]): Promise<void> {
  if (ids.length === 0) return;
  const listed = ids.length <= MAX_LISTED ? ids : null;
  await client.query("SELECT pg_notify('changes', $1)", [JSON.stringify({ stock: listed })]);
}

/** The same of all positions of an item: they show its name, SKU and unit. */
export async function notifyStockOfItemChanged(client: PoolClient, itemId: number): Promise<void> {
  const { rows } = await client.query<{ id: number }>(
    `SELECT id FROM inventory_items WHERE item_id = $1 LIMIT ${MAX_LISTED + 1}`,
    [itemId],
  );
  await notifyStockChanged(
    client,
    rows.map(({ id }) => id),
  );
}
