import type { PoolClient } from "pg";
import type { StoredOrder } from "../../../resources/orders/queries.ts";
import { Clash } from "../apply/clash.ts";
import { factorOf } from "../apply/units.ts";
import type { Connection } from "../connections.ts";
import { findLinked } from "../documents.ts";
import type { ReportedOrder } from "../order-content.ts";

export type OwnKind = "sale" | "purchase";

/** What the ERP is given of an order. @returns undefined when the place has no warehouse there. @throws Clash for what the ERP does not know */
export async function contentOf(
  client: PoolClient,
  connection: Connection,
  order: StoredOrder,
  kind: OwnKind,
): Promise<ReportedOrder | undefined> {
  const isSale = kind === "sale";
  const warehouseId = await warehouseOf(client, connection, isSale ? order.ship_from_id : order.ship_to_id);
  if (warehouseId === undefined) return undefined;
  const role = isSale ? "customer" : "supplier";
  const partyId = isSale ? order.customer_id : order.supplier_id;
  const partner = partyId === null ? undefined : await findLinked(client, connection.id, role, partyId);
  if (partner === undefined) {
    const who = partyId === null ? `has no ${role}` : `is of the ${role} ${partyId}, who is not known there`;
    throw new Clash("unknown_reference", `order ${order.id} ${who}: it cannot be made there`, { subject: role });
  }
  const lines: ReportedOrder["lines"] = [];
  for (const { line, item_id, quantity } of order.lines) {
    const item = await findLinked<Record<string, unknown>>(client, connection.id, "item", item_id);
    if (item === undefined) {
      const message = `order ${order.id} names item ${item_id}, which is not known there`;
      throw new Clash("unknown_reference", message, { subject: `item ${item_id}` });
    }
    const factor = await factorThere(client, connection, item_id, item.content["base_unit"]);
    const common = { line, itemId: item.externalId!, item: item_id, pieces: quantity, factor };
    lines.push({ ...common, quantity: quantity / factor });
  }
  const reference = (order.reference ?? `order ${order.id}`).slice(0, 140);
  const date = new Date(order.order_date).toISOString().slice(0, 10);
  return { partnerId: partner.externalId!, warehouseId, date, reference, lines };
}

/** Base units in one unit that the ERP counts the item in. */
async function factorThere(client: PoolClient, { options }: Connection, itemId: number, unit: unknown) {
  const { rows } = await client.query<{ sku: string; base_unit: string; packs: unknown[] }>(
    "SELECT sku, base_unit, packs FROM items WHERE id = $1",
    [itemId],
  );
  return factorOf(options, rows[0]!, typeof unit === "string" ? unit : rows[0]!.base_unit);
}

/** The warehouse of a place: its own, or that of the nearest place above it. */
async function warehouseOf(client: PoolClient, { options: { warehouses } }: Connection, locationId: number | null) {
  const { rows } = await client.query<{ id: number }>(
    `WITH RECURSIVE above AS (
      SELECT id, parent_id, 0 AS depth FROM locations WHERE id = $1
      UNION ALL SELECT l.id, l.parent_id, a.depth + 1 FROM locations l JOIN above a ON l.id = a.parent_id)
    SELECT id FROM above WHERE id = ANY ($2::int[]) ORDER BY depth LIMIT 1`,
    [locationId, warehouses.map(({ location_id }) => location_id)],
  );
  return warehouses.find(({ location_id }) => location_id === rows[0]?.id)?.external_id;
}
