import type { PoolClient } from "pg";
import type { NewFact } from "../../../domain/fact.ts";
import type { StockSource } from "../../../domain/stock/state.ts";
import { SAME_GOODS_MS, SHIPMENT_RECEIPT } from "../../../domain/stock/arrivals.ts";
import { msOfTime } from "../../sql-time.ts";
import type { MissingPosition } from "../../writes/waiting-scans.ts";

/** So long after it was sent, and after it was received, an order follows what sensors, scans and shipments tell. */
const FOLLOWED = "90 days";
const FOLLOWED_RECEIVED = "7 days";

/** Statuses in which an order waits for goods, or has received them. */
const WAITING = "o.receives_at IS NOT NULL AND o.status IN ('sent', 'shipped', 'partial', 'received')";

/** A version of what an order's receipts follow from: of its stock positions, and of the shipments that carry its lines. */
const SEEN = `(SELECT coalesce(sum(i.version), 0) FROM order_lines l JOIN inventory_items i
      ON i.item_id = l.item_id AND i.location_id = o.receives_at WHERE l.order_id = o.id)
    + (SELECT coalesce(sum(s.version + 1), 0) FROM shipments s WHERE s.order_id = o.id)`;

/** Whether position `i` takes in the good goods of order `o` (0160_goods_of_owners.sql). */
const TAKES_IN = "takes_in(o.kind, o.owner_id, o.takes_in_main, i.is_main, i.owner_id, i.condition)";

/** Restock orders and transfers that may have received something since they were settled. */
export async function ordersToSettle(client: PoolClient, limit: number): Promise<number[]> {
  const { rows } = await client.query<{ id: number }>({
    name: "orders_to_settle",
    text: `SELECT o.id FROM orders o WHERE ${WAITING}
        AND o.sent_at > now() - interval '${FOLLOWED}' AND (o.status <> 'received' OR o.updated_at > now() - interval '${FOLLOWED_RECEIVED}')
        AND o.receipts_seen <> ${SEEN}
      ORDER BY o.id LIMIT $1`,
    values: [limit],
  });
  return rows.map(({ id }) => id);
}

export interface StoredLine {
  line: number;
  itemId: number;
  quantity: number;
  shipped: number;
  received: number;
  cancelled: number;
  missing: number;
  /** of what was received: damaged or thrown away, which a person has said */
  unfit: number;
  /** good pieces that were received before receipts followed from facts */
  receivedBefore: number;
  receivedBy: Record<string, number>;
  /** the position that takes in good ones; null: there is none yet */
  stockId: number | null;
}

/** An order that waits for goods, or has received them. */
export interface OpenOrder {
  id: number;
  kind: "restock" | "transfer";
  /** restock orders are sent, transfers are shipped */
  status: "sent" | "shipped" | "partial" | "received";
  lines: StoredLine[];
  /** of what its receipts follow from, as it was before that was read */
  seen: string;
}

/** Locks these orders, and reads those that goods are received of. */
export async function lockOpenOrders(client: PoolClient, ids: readonly number[]): Promise<OpenOrder[]> {
  await client.query({
    name: "lock_open_orders",
    text: "SELECT FROM orders WHERE id = ANY($1::int[]) ORDER BY id FOR NO KEY UPDATE",
    values: [ids],
  });
  const { rows } = await client.query<OpenOrder>({
    name: "open_orders",
    text: `SELECT o.id, o.kind, o.status, (${SEEN})::text AS seen,
        (SELECT json_agg(json_build_object('line', l.line, 'itemId', l.item_id, 'quantity', l.quantity, 'shipped', l.shipped, 'received', l.received,
          'cancelled', l.cancelled, 'missing', l.missing, 'unfit', l.damaged + l.scrapped, 'receivedBefore', l.received_before, 'receivedBy', l.received_by,
          'stockId', (SELECT i.id FROM inventory_items i WHERE i.item_id = l.item_id AND i.location_id = o.receives_at AND ${TAKES_IN})) ORDER BY l.line)
          FROM order_lines l WHERE l.order_id = o.id) AS lines
      FROM orders o WHERE o.id = ANY($1::int[]) AND ${WAITING} ORDER BY o.id`,
    values: [ids],
  });
  return rows;
}

/** A stock position that orders are for, all those orders, and what tells of arrivals there. */
export interface AwaitedPosition {
  stockId: number;
  governing: StockSource;
  orders: { id: number; sentAt: number | null; wanted: number }[];
  facts: NewFact[];
}

/** What an order waits for of a line: of a transfer, what has left. */
const WANTED = `CASE o.kind WHEN 'restock' THEN l.quantity - l.cancelled ELSE l.shipped - l.missing - l.received_before END - l.damaged - l.scrapped`;

/** Orders that were sent 30 days before the oldest of `openIds`, or earlier, take no part. */
export async function loadAwaitedPositions(
  client: PoolClient,
  stockIds: readonly number[],
  openIds: readonly number[],
): Promise<AwaitedPosition[]> {
  const { rows } = await client.query<AwaitedPosition>({
    name: "awaited_positions",
    text: `SELECT i.id AS "stockId", i.source AS governing, a.orders,
        (SELECT coalesce(json_agg(json_build_object('key', f.key, 'subject', f.subject, 'at', ${msOfTime("f.at")}, 'type', f.type,
            'data', f.data, 'rule', f.rule, 'evidence', f.evidence, 'confidence', f.confidence)), '[]')
          FROM facts f WHERE f.subject = 'stock:' || i.id AND f.withdrawn_at IS NULL
            AND (f.type = 'adjusted' AND f.data ? 'order' OR f.at >= a.since - interval '${SAME_GOODS_MS} milliseconds'
              AND (f.type = 'adjusted' OR f.type = 'counted' AND (f.data ->> 'change')::int <> 0))) AS facts
      FROM inventory_items i
        CROSS JOIN LATERAL (
          SELECT coalesce(json_agg(json_build_object('id', o.id, 'sentAt', ${msOfTime("o.sent_at")},
              'wanted', (SELECT sum(${WANTED}) FROM order_lines l WHERE l.order_id = o.id AND l.item_id = i.item_id)) ORDER BY o.id), '[]') AS orders,
            min(coalesce(o.sent_at, o.created_at)) AS since
          FROM orders o WHERE o.receives_at = i.location_id AND o.status IN ('sent', 'shipped', 'partial', 'received', 'closed') AND ${TAKES_IN}
            AND EXISTS (SELECT FROM order_lines l WHERE l.order_id = o.id AND l.item_id = i.item_id)
            AND (o.id = ANY($2::int[]) OR o.sent_at >= (SELECT min(sent_at) FROM orders WHERE id = ANY($2::int[])) - interval '30 days')
        ) a
      WHERE i.id = ANY($1::int[])`,
    values: [stockIds, openIds],
  });
  return rows;
}

/** Where goods of these orders were delivered that are not kept there yet, or not for their owner. */
export async function placesWithoutPosition(
  client: PoolClient,
  orderIds: readonly number[],
): Promise<MissingPosition[]> {
  const { rows } = await client.query<MissingPosition>({
    name: "places_without_position",
    text: `SELECT DISTINCT l.item_id AS "itemId", o.location_id AS "locationId", m."isMain", CASE WHEN NOT m."isMain" THEN o.owner_id END AS "ownerId"
      FROM orders o JOIN order_lines l ON l.order_id = o.id
        CROSS JOIN LATERAL (SELECT goes_to_main(o.kind, o.owner_id, o.takes_in_main) AS "isMain") m
        JOIN shipments s ON s.order_id = o.id AND s.destination_id = o.location_id AND s.status = 'delivered'
        JOIN shipment_goods g ON g.shipment_id = s.id AND g.item_id = l.item_id
      WHERE o.id = ANY($1::int[]) AND o.kind = 'restock' AND NOT EXISTS (
        SELECT FROM inventory_items i WHERE i.item_id = l.item_id AND i.location_id = o.location_id AND ${TAKES_IN})`,
    values: [orderIds],
  });
  return rows;
}

/** What a delivered shipment has brought of an item of a restock order to its location. */
export interface DeliveredShipment {
  id: number;
  trackingNumber: string;
  orderId: number;
  stockId: number;
  /** sensors count this position */
  isMain: boolean;
  /** of a shipment of several products */
  itemId: number | null;
  quantity: number;
  /** of which lots its goods are, as far as anybody has said */
  lots: { lot: string; quantity: number }[];
  /** epoch milliseconds */
  at: number;
}

/**
 * Of what was delivered in part, as much as the proof of delivery says. Where it does not say how much, a person receives it. Between
 * our own places a delivery is no receipt either: whoever takes the goods in counts them.
 */
export async function loadDeliveredShipments(
  client: PoolClient,
  orderIds: readonly number[],
): Promise<DeliveredShipment[]> {
  const { rows } = await client.query<DeliveredShipment>({
    name: "delivered_shipments",
    text: `SELECT s.id, s.tracking_number AS "trackingNumber", o.id AS "orderId", i.id AS "stockId", i.is_main AS "isMain", q.quantity, ${msOfTime("s.stage_since")} AS at,
        CASE WHEN s.line_count > 1 THEN g.item_id END AS "itemId",
        (SELECT coalesce(json_agg(json_build_object('lot', n.lot, 'quantity', n.quantity) ORDER BY n.lot), '[]') FROM (
          SELECT lot, sum(quantity) AS quantity FROM shipment_lots WHERE shipment_id = s.id AND item_id = g.item_id GROUP BY lot) n) AS lots
      FROM shipments s JOIN orders o ON o.id = s.order_id AND o.location_id = s.destination_id
        JOIN shipment_goods g ON g.shipment_id = s.id
        JOIN inventory_items i ON i.item_id = g.item_id AND i.location_id = o.location_id AND ${TAKES_IN}
        LEFT JOIN LATERAL (SELECT f.data FROM facts f WHERE f.subject = 'shipment:' || s.id AND f.type = 'proof' AND f.withdrawn_at IS NULL
          ORDER BY f.at DESC, f.id DESC LIMIT 1) p ON true
        CROSS JOIN LATERAL (SELECT CASE WHEN p.data ->> 'outcome' = 'partly'
          THEN (SELECT coalesce(sum((l ->> 'quantity')::int), 0)::int FROM jsonb_array_elements(p.data -> 'lines') l WHERE (l ->> 'itemId')::int = g.item_id)
          ELSE g.quantity END AS quantity) q
      WHERE s.order_id = ANY($1::int[]) AND o.kind = 'restock' AND s.status = 'delivered'
        AND EXISTS (SELECT FROM order_lines l WHERE l.order_id = o.id AND l.item_id = g.item_id) AND q.quantity > 0
      ORDER BY s.id, g.item_id`,
    values: [orderIds],
  });
  return rows;
}

/** The receipts that were derived from shipments of these orders, also at positions of whom the order was of before. */
export async function loadShipmentReceipts(client: PoolClient, orderIds: readonly number[]): Promise<NewFact[]> {
  const { rows } = await client.query<NewFact>({
    name: "shipment_receipts",
    text: `SELECT f.key, f.subject, ${msOfTime("f.at")} AS at, f.type, f.data, f.rule, f.evidence, f.confidence::float8,
        ${msOfTime("f.concluded_at")} AS "concludedAt"
      FROM orders o JOIN order_lines l ON l.order_id = o.id
        JOIN inventory_items i ON i.item_id = l.item_id AND i.location_id = o.location_id
        JOIN facts f ON f.subject = 'stock:' || i.id AND f.rule = '${SHIPMENT_RECEIPT}' AND (f.data ->> 'order')::int = o.id AND f.withdrawn_at IS NULL
      WHERE o.id = ANY($1::int[])`,
    values: [orderIds],
  });
  return rows;
}

/** An order as it is now. */
export interface SettledOrder {
  id: number;
  status: OpenOrder["status"];
  lines: Pick<StoredLine, "line" | "received" | "cancelled" | "missing" | "receivedBy">[];
}

/** Writes what has changed of these orders. */
export async function writeSettledOrders(client: PoolClient, orders: readonly SettledOrder[]): Promise<void> {
  await client.query({
    name: "write_settled_orders",
    text: `WITH given AS MATERIALIZED (SELECT * FROM jsonb_to_recordset($1::jsonb) AS t (id int, status text, lines jsonb)),
      lines AS (UPDATE order_lines l SET received = n.received, cancelled = n.cancelled, missing = n.missing, received_by = n."receivedBy"
        FROM given g, jsonb_to_recordset(g.lines) AS n (line int, received int, cancelled int, missing int, "receivedBy" jsonb)
        WHERE l.order_id = g.id AND l.line = n.line)
      UPDATE orders o SET status = g.status, updated_at = now(), version = o.version + 1 FROM given g WHERE o.id = g.id`,
    values: [JSON.stringify(orders)],
  });
}

/** Remembers up to which version of their positions and shipments these orders are settled. */
export async function markSettled(
  client: PoolClient,
  orders: readonly Pick<OpenOrder, "id" | "seen">[],
): Promise<void> {
  await client.query({
    name: "mark_settled",
    text: `UPDATE orders o SET receipts_seen = t.seen FROM unnest($1::int[], $2::bigint[]) AS t (id, seen) WHERE o.id = t.id`,
    values: [orders.map(({ id }) => id), orders.map(({ seen }) => seen)],
  });
}
