import type { PoolClient } from "pg";
import type { StoredOrder } from "../../../resources/orders/queries.ts";
import { LINES_OPEN } from "../../../resources/orders/status-edges.ts";
import { Clash } from "../apply/clash.ts";
import { closeLocalConflicts, openConflict } from "../conflicts.ts";
import type { Connection } from "../connections.ts";
import { type ErpDocument, findLinked, planDocument, plannedOf, takeBack } from "../documents.ts";
import type { OrderContent, ReportedOrder } from "../order-content.ts";
import { contentOf, type OwnKind } from "./outgoing-order.ts";

/** Orders that are looked for in one pass. */
const NEW_ORDERS = 500;
/** An order is told when it binds; one that was over before it was seen is left alone. */
const BEGUN: readonly string[] = ["approved", "picking", "packed", "sent", "partial"];
const LIVE: readonly string[] = ["waiting", "sent", "failed", "ignored"];

const kindOf = ({ kind }: Pick<StoredOrder, "kind">): OwnKind | undefined =>
  kind === "customer" ? "sale" : kind === "restock" ? "purchase" : undefined;

const isTold = ({ options: { sync } }: Connection, kind: OwnKind): boolean =>
  (kind === "sale" ? sync.sales : sync.purchases) === "both";

/** Orders that no ERP has, at places that have a warehouse there. */
export async function noteOwnOrders(client: PoolClient, connection: Connection): Promise<void> {
  const kinds = (["customer", "restock"] as const).filter((kind) => isTold(connection, kindOf({ kind })!));
  if (kinds.length === 0) return;
  await client.query(
    `INSERT INTO erp_changes (connection_id, kind, record_id)
    SELECT $1, 'order', o.id FROM orders o
    WHERE o.kind = ANY ($2::text[]) AND o.status = ANY ($3::text[]) AND o.owner_id IS NULL
      AND coalesce(CASE o.kind WHEN 'customer' THEN o.ship_from_id ELSE o.ship_to_id END, o.location_id) IN (
        WITH RECURSIVE within AS (SELECT unnest($4::int[]) AS id UNION SELECT l.id FROM locations l JOIN within w ON l.parent_id = w.id)
        SELECT id FROM within)
      AND NOT EXISTS (SELECT FROM erp_documents d WHERE d.kind IN ('sale', 'purchase') AND d.local_id = o.id)
    ORDER BY o.id LIMIT ${NEW_ORDERS} ON CONFLICT DO NOTHING`,
    [connection.id, kinds, BEGUN, connection.options.warehouses.map(({ location_id }) => location_id)],
  );
}

/**
 * Plans an order that was placed here. One that is cancelled here before goods have moved is taken back; one whose lines have changed is
 * taken back and made anew, until work on it begins. What the ERP has changed since is the ERP's (docs/decisions/42-erp.md).
 * @returns whether the order is the ERP's: it came from there
 */
export async function planOwnOrder(client: PoolClient, connection: Connection, order: StoredOrder): Promise<boolean> {
  const kind = kindOf(order);
  if (kind === undefined) return false;
  const planned = await plannedOf<ReportedOrder>(client, connection.id, kind, order.id);
  const linked = await findLinked<OrderContent>(client, connection.id, kind, order.id);
  if (planned.length === 0 && linked !== undefined) return true;
  if (isTold(connection, kind)) await plan(client, connection, order, { kind, planned, linked });
  return false;
}

interface Known {
  kind: OwnKind;
  planned: readonly ErpDocument<ReportedOrder>[];
  linked: ErpDocument<OrderContent> | undefined;
}

async function plan(
  client: PoolClient,
  connection: Connection,
  order: StoredOrder,
  { kind, planned, linked }: Known,
): Promise<void> {
  const live = planned.find(({ state }) => LIVE.includes(state));
  if (live?.state === "ignored") return;
  const hasMoved = order.lines.some(({ picked, shipped, received }) => picked + shipped + received > 0);
  const isOver = order.status === "cancelled" && !hasMoved;
  const isSame = (lines: readonly { item: number; pieces: number }[]): boolean =>
    JSON.stringify(lines.map(({ item, pieces }) => [item, pieces])) ===
    JSON.stringify(order.lines.map(({ item_id, quantity }) => [item_id, quantity]));
  if (live !== undefined) {
    // What differs from what was told may be what the ERP has made of it since.
    const isChanged = !isSame(live.content.lines) && !(linked && isSame(linked.content.lines));
    if (!isOver && !(isChanged && LINES_OPEN.has(order.status))) return;
    await takeBackOrder(client, connection.id, live);
  }
  const close = (except: string | null) =>
    closeLocalConflicts(client, connection.id, kind, order.id, ["unknown_reference", "unknown_unit"], except);
  if (isOver) return close(null);
  if (!BEGUN.includes(order.status) || order.owner_id !== null) return;
  if (live === undefined && (await isElsewhere(client, connection.id, order.id))) return;
  try {
    const content = await contentOf(client, connection, order, kind);
    await close(null);
    if (content === undefined) return;
    const key = `${connection.key}-${kind}-${order.id}-${planned.length + 1}`;
    await planDocument(client, connection.id, { key, kind, localId: order.id, content });
  } catch (error) {
    if (!(error instanceof Clash)) throw error;
    const { type, subject, message, ours } = error;
    await close(subject);
    const about = { documentId: null, localId: order.id, externalId: null, theirs: null };
    await openConflict(client, connection.id, { ...about, type, kind, subject, message, ours });
  }
}

/** Its goods are told of it no longer; what the ERP says of it from now on is nothing here. */
async function takeBackOrder(client: PoolClient, connectionId: number, document: ErpDocument<ReportedOrder>) {
  await takeBack(client, document);
  await client.query(
    "UPDATE erp_documents SET local_id = NULL, updated_at = now() WHERE connection_id = $1 AND direction = 'in' AND kind = $2 AND local_id = $3",
    [connectionId, document.kind, document.localId],
  );
}

/** It came from another ERP, or was told to one. */
async function isElsewhere(client: PoolClient, connectionId: number, orderId: number): Promise<boolean> {
  const { rows } = await client.query(
    `SELECT FROM erp_documents WHERE kind IN ('sale', 'purchase') AND local_id = $2 AND connection_id <> $1
      AND state NOT IN ('reversed', 'cancelled') LIMIT 1`,
    [connectionId, orderId],
  );
  return rows.length > 0;
}

/** A person has said that an order which was placed here is not made there. */
export async function leaveOwnOrder(client: PoolClient, connection: Connection, kind: OwnKind, orderId: number) {
  const key = `${connection.key}-${kind}-${orderId}-0`;
  await planDocument(client, connection.id, { key, kind, localId: orderId, content: { lines: [] } });
  await client.query("UPDATE erp_documents SET state = 'ignored' WHERE connection_id = $1 AND key = $2", [
    connection.id,
    key,
  ]);
}
