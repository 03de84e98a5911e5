import type { PoolClient } from "pg";
import type { OrderGoods } from "../adapter.ts";
import type { OrderContent } from "../order-content.ts";
import type { Connection } from "../connections.ts";
import { type ErpDocument, findLinked, planDocument, plannedOf, takeBack } from "../documents.ts";

/** What is kept of goods that were told: beside what the ERP needs, what it does to the level there. */
interface ToldLine {
  lineId: string;
  itemId: string;
  quantity: number;
  item: number;
  pieces: number;
}
export interface ReportedGoods extends OrderGoods {
  lines: ToldLine[];
  warehouseId: string | null;
}

/** `ignored`: a person has said that it is not made. */
const LIVE: readonly string[] = ["waiting", "sent", "failed", "ignored"];
const isLive = ({ state }: Pick<ErpDocument, "state">): boolean => LIVE.includes(state);

/** What of an order's lines has become of this many pieces, as the ERP is told. */
function toldLines(content: OrderContent, pieces: ReadonlyMap<number, number>): ToldLine[] {
  return content.lines.flatMap(({ line, lineId, itemId, item, factor }) => {
    const count = pieces.get(line) ?? 0;
    return count === 0 ? [] : [{ lineId, itemId, item, pieces: count, quantity: count / factor }];
  });
}

const isSame = (a: readonly ToldLine[], b: readonly ToldLine[]): boolean =>
  JSON.stringify(a.map(({ lineId, pieces }) => [lineId, pieces])) ===
  JSON.stringify(b.map(({ lineId, pieces }) => [lineId, pieces]));

/**
 * A delivery is told when the shipment is delivered, and taken back when it turns out that it was not, or that something else was in
 * it: what is planned is compared with what is so now, so that a late fact, a void and a repeat need no rule of their own.
 */
export async function planDelivery(client: PoolClient, connection: Connection, shipmentId: number): Promise<void> {
  const { rows } = await client.query<{ orderId: number; status: string; trackingNumber: string; since: Date }>(
    `SELECT order_id AS "orderId", status, tracking_number AS "trackingNumber", stage_since AS since FROM shipments
    WHERE id = $1 AND order_id IS NOT NULL`,
    [shipmentId],
  );
  const [shipment] = rows;
  if (shipment === undefined) return;
  const order = await findLinked<OrderContent>(client, connection.id, "sale", shipment.orderId);
  if (order === undefined) return;
  const planned = await plannedOf<ReportedGoods>(client, connection.id, "delivery", shipmentId);
  const live = planned.filter(isLive);
  const lines = shipment.status === "delivered" ? toldLines(order.content, await shippedIn(client, shipmentId)) : [];
  if (lines.length > 0 && live.length === 1 && isSame(lines, live[0]!.content.lines)) return;
  for (const each of live) await takeBack(client, each);
  if (lines.length === 0) return;
  const content: ReportedGoods = {
    orderId: order.externalId!,
    lines,
    at: shipment.since.toISOString(),
    reference: shipment.trackingNumber,
    warehouseId: order.content.warehouseId,
  };
  const key = `${connection.key}-delivery-${shipmentId}-${planned.length + 1}`;
  await planDocument(client, connection.id, { key, kind: "delivery", localId: shipmentId, content });
}

async function shippedIn(client: PoolClient, shipmentId: number): Promise<Map<number, number>> {
  const { rows } = await client.query<{ line: number; pieces: number }>(
    `SELECT line, sum(quantity)::int AS pieces FROM order_units u, jsonb_to_recordset(u.contents) AS t (line int, quantity int)
    WHERE u.shipment_id = $1 GROUP BY line ORDER BY line`,
    [shipmentId],
  );
  return new Map(rows.map(({ line, pieces }) => [line, pieces]));
}

/**
 * Of a purchase each receipt tells what has come since the one before. If less has come than was told, the newest are taken back until
 * no more is told than has come; what is missing then is told anew.
 */
export async function planReceipt(client: PoolClient, connection: Connection, orderId: number): Promise<void> {
  const order = await findLinked<OrderContent>(client, connection.id, "purchase", orderId);
  if (order === undefined) return;
  const { rows } = await client.query<{ line: number; pieces: number }>(
    "SELECT line, received - scrapped AS pieces FROM order_lines WHERE order_id = $1 ORDER BY line",
    [orderId],
  );
  const missing = new Map(rows.map(({ line, pieces }) => [line, pieces]));
  const planned = await plannedOf<ReportedGoods>(client, connection.id, "receipt", orderId);
  const lineOf = new Map(order.content.lines.map(({ lineId, line }) => [lineId, line]));
  const count = (document: ErpDocument<ReportedGoods>, sign: 1 | -1): void => {
    for (const { lineId, pieces } of document.content.lines) {
      const line = lineOf.get(lineId);
      if (line !== undefined) missing.set(line, (missing.get(line) ?? 0) + sign * pieces);
    }
  };
  const live = planned.filter(isLive);
  for (const each of live) count(each, -1);
  while (live.length > 0 && [...missing.values()].some((pieces) => pieces < 0)) {
    const last = live.pop()!;
    await takeBack(client, last);
    count(last, 1);
  }
  const lines = toldLines(order.content, new Map([...missing].filter(([, pieces]) => pieces > 0)));
  if (lines.length === 0) return;
  const content: ReportedGoods = {
    orderId: order.externalId!,
    lines,
    at: new Date().toISOString(),
    reference: `order ${orderId}`,
    warehouseId: order.content.warehouseId,
  };
  const key = `${connection.key}-receipt-${orderId}-${planned.length + 1}`;
  await planDocument(client, connection.id, { key, kind: "receipt", localId: orderId, content });
}
