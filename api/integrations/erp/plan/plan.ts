import type { Pool, PoolClient } from "pg";
import { transaction } from "../../../../ingest/decisions/record-facts.ts";
import { problemFrom } from "../../../http/problem.ts";
import { lockRow } from "../../../http/rows.ts";
import { packOrder, type PackingTools } from "../../../resources/orders/pack.ts";
import { pickOrder } from "../../../resources/orders/pick.ts";
import { getOrder, type StoredOrder } from "../../../resources/orders/queries.ts";
import { shipOrder } from "../../../resources/orders/ship.ts";
import { hold } from "../apply/orders.ts";
import { openConflict } from "../conflicts.ts";
import type { Connection } from "../connections.ts";
import { planItem } from "./items.ts";
import { planDelivery, planReceipt } from "./goods.ts";
import { noteOwnOrders, planOwnOrder } from "./orders.ts";
import { beginLevels, planStock } from "./stock.ts";

/** Records that are looked at in one transaction. */
const BATCH = 50;

export interface PlanTools extends PackingTools {
  pool: Pool;
  /** begins a transaction, unless another process has taken over. @throws when it has */
  owned: (client: PoolClient) => Promise<void>;
}

/**
 * Plans what is to be made there, from what has changed here. The log of events says what has changed; what to make of it is read from
 * how things are now. A record that was looked at is taken off the list by the transaction that plans: cut off anywhere, it is looked
 * at again.
 */
export async function planAll(tools: PlanTools, connection: Connection): Promise<void> {
  const { pool, owned } = tools;
  await transaction(pool, async (client) => {
    await owned(client);
    if (connection.options.sync.stock === "out") await beginLevels(client, connection);
    await noteOrders(client, connection);
    await noteOwnOrders(client, connection);
    if (connection.options.sync.items === "both") await noteItems(client, connection);
  });
  while ((await transaction(pool, (client) => planBatch(tools, client, connection))) === BATCH);
}

/** What has come of a purchase changes its lines, which no event tells of: orders that were changed since are looked at. */
async function noteOrders(client: PoolClient, { id, lastSyncedAt }: Connection): Promise<void> {
  await client.query(
    `INSERT INTO erp_changes (connection_id, kind, record_id)
    SELECT $1, 'order', o.id FROM orders o
    WHERE ($2::timestamptz IS NULL OR o.updated_at >= $2::timestamptz - interval '10 minutes')
      AND EXISTS (SELECT FROM erp_documents d WHERE d.local_id = o.id AND d.kind IN ('sale', 'purchase') AND d.connection_id = $1 AND d.state = 'linked')
    ON CONFLICT DO NOTHING`,
    [id, lastSyncedAt],
  );
  // Orders whose goods are held in part wait for the rest.
  await client.query(
    `INSERT INTO erp_changes (connection_id, kind, record_id)
    SELECT $1, 'order', o.id FROM orders o JOIN erp_documents d ON d.local_id = o.id AND d.kind = 'sale' AND d.connection_id = $1 AND d.state = 'linked'
    WHERE o.kind = 'customer' AND o.status = 'approved' LIMIT 500 ON CONFLICT DO NOTHING`,
    [id],
  );
}

async function noteItems(client: PoolClient, { id, lastSyncedAt }: Connection): Promise<void> {
  await client.query(
    `INSERT INTO erp_changes (connection_id, kind, record_id)
    SELECT $1, 'item', id FROM items WHERE $2::timestamptz IS NULL OR updated_at >= $2::timestamptz - interval '10 minutes' ON CONFLICT DO NOTHING`,
    [id, lastSyncedAt],
  );
}

async function planBatch(tools: PlanTools, client: PoolClient, connection: Connection): Promise<number> {
  await tools.owned(client);
  const { rows } = await client.query<{ kind: "shipment" | "order" | "item"; id: number }>(
    `DELETE FROM erp_changes WHERE (connection_id, kind, record_id) IN (
      SELECT connection_id, kind, record_id FROM erp_changes WHERE connection_id = $1 ORDER BY kind, record_id LIMIT $2 FOR UPDATE SKIP LOCKED)
    RETURNING kind, record_id::float8 AS id`,
    [connection.id, BATCH],
  );
  for (const { kind, id } of rows) {
    if (kind === "shipment") await planDelivery(client, connection, id);
    else if (kind === "order") await planOrder(tools, client, connection, id);
    else {
      if (connection.options.sync.stock === "out") await planStock(client, connection, id);
      if (connection.options.sync.items === "both") await planItem(client, connection, id);
    }
  }
  return rows.length;
}

async function planOrder(tools: PlanTools, client: PoolClient, connection: Connection, orderId: number): Promise<void> {
  await planReceipt(client, connection, orderId);
  if ((await lockRow(client, "orders", orderId)) === undefined) return;
  const order = await getOrder(client, orderId);
  // People here work on what they have placed here.
  if (!(await planOwnOrder(client, connection, order))) return;
  if (order.kind !== "customer" || order.status !== "approved") return;
  if (order.lines.some(({ open }) => open > 0)) await hold(client, order);
  if (connection.options.ship === "automatic") await shipHeld(tools, client, connection, orderId);
}

/** Picks, packs and ships an order all of whose goods are held. What stands in the way is told, and nothing is half done. */
async function shipHeld(tools: PlanTools, client: PoolClient, connection: Connection, orderId: number): Promise<void> {
  const isHeld = ({ lines }: StoredOrder) => lines.every(({ open, reserved }) => open === 0 && reserved > 0);
  if (!isHeld(await getOrder(client, orderId))) return;
  await client.query("SAVEPOINT erp_ship");
  try {
    await pickOrder(client, connection.principal, await getOrder(client, orderId), {});
    await packOrder(client, await getOrder(client, orderId), {}, tools);
    await shipOrder(client, connection.principal, await getOrder(client, orderId), {}, tools.companyPrefix);
  } catch (error) {
    const problem = problemFrom(error);
    if (problem === undefined || problem.status >= 500) throw error;
    await client.query("ROLLBACK TO SAVEPOINT erp_ship");
    const message = `order ${orderId} cannot be shipped without a person: ${problem.message}`;
    const about = { documentId: null, localId: orderId, externalId: null, subject: "", ours: null, theirs: null };
    await openConflict(client, connection.id, { ...about, type: "not_possible", kind: "sale", message });
  }
  await client.query("RELEASE SAVEPOINT erp_ship");
}
