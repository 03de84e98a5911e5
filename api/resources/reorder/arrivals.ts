import { isoTime } from "../../http/sql-time.ts";
import { EXPECTED_AT, isOverdue } from "../orders/expected-at.ts";

/** Arrivals of one position, and orders for it, that are told of at most. */
const MAX_ARRIVALS = 20;

/**
 * Shipments on their way to position `i`: of an order that waits for them the order says whose goods they are, else they do. That holds
 * for those too who may see the shipment and not its order.
 */
const ON_ITS_WAY = `(
    SELECT id, tracking_number, order_id, owner_id, quantity, vehicle_id FROM shipments
      WHERE destination_id = i.location_id AND item_id = i.item_id AND status NOT IN ('delivered', 'returned', 'cancelled')
    UNION ALL
    SELECT h.id, h.tracking_number, h.order_id, h.owner_id, l.quantity, h.vehicle_id FROM shipments h
        JOIN LATERAL (SELECT sum(quantity) AS quantity FROM shipment_lines WHERE shipment_id = h.id AND item_id = i.item_id) l ON l.quantity > 0
      WHERE h.destination_id = i.location_id AND h.line_count > 1 AND h.status NOT IN ('delivered', 'returned', 'cancelled')
  ) s LEFT JOIN arrival_estimates a ON a.shipment_id = s.id AND s.vehicle_id IS NOT NULL LEFT JOIN vehicles v ON v.id = s.vehicle_id
    LEFT JOIN public.orders o ON o.id = s.order_id JOIN inventory_items p ON p.id = i.id
  WHERE takes_in(o.kind, CASE WHEN o.kind IN ('restock', 'transfer') THEN o.owner_id ELSE coalesce(s.owner_id, o.owner_id) END,
    o.takes_in_main, p.is_main, p.owner_id, p.condition)`;
/** Pieces that come too late to position `i`. */
export const IN_TRANSIT_LATE = `(SELECT coalesce(sum(s.quantity), 0)::float8 FROM ${ON_ITS_WAY} AND NOT a.in_time
  AND coalesce(o.kind NOT IN ('restock', 'transfer'), true))`;
/** The shipments on their way to position `i`, as JSON. */
export const ARRIVALS = `(SELECT coalesce(json_agg(n ORDER BY n.eta, n.shipment_id), '[]') FROM (
  SELECT s.id AS shipment_id, s.tracking_number, s.order_id, s.quantity, s.vehicle_id, v.name AS vehicle_name, ${isoTime("a.eta")} AS eta, ${isoTime("a.p90")} AS eta_p90, coalesce(a.basis, 'unknown') AS basis,
    CASE WHEN s.vehicle_id IS NULL THEN 'not_aboard' WHEN a.shipment_id IS NULL THEN 'too_little_history' ELSE a.problem END AS problem, a.distance_m, a.speed_mps, a.observed_minutes,
    ${isoTime("a.position_at")} AS position_at, coalesce(a.in_time, true) AS in_time
  FROM ${ON_ITS_WAY} ORDER BY a.eta, s.id LIMIT ${MAX_ARRIVALS}) n)`;

/** The orders whose goods position `i` waits for, as JSON: what `on_order` (0160_goods_of_owners.sql) adds up. */
export const AWAITED_ORDERS = `(SELECT coalesce(json_agg(n ORDER BY n.expected_at, n.order_id), '[]') FROM (
  SELECT w.id AS order_id, w.kind, w.reference, w.quantity, ${isoTime("w.at")} AS expected_at, ${isOverdue("w.at")} AS overdue
  FROM (SELECT o.id, o.kind, o.reference, ${EXPECTED_AT} AS at,
      (SELECT sum(greatest(l.quantity - l.received - l.missing - l.cancelled, 0))::float8 FROM order_lines l
        WHERE l.order_id = o.id AND l.item_id = i.item_id) AS quantity
    FROM orders o JOIN inventory_items p ON p.id = i.id
    WHERE (o.location_id = i.location_id AND o.kind = 'restock' AND o.status IN ('approved', 'sent', 'partial')
        OR o.ship_to_id = i.location_id AND o.kind = 'transfer' AND o.status IN ('approved', 'picking', 'packed', 'shipped', 'partial'))
      AND takes_in(o.kind, o.owner_id, o.takes_in_main, p.is_main, p.owner_id, p.condition)) w
  WHERE w.quantity > 0 ORDER BY w.at, w.id LIMIT ${MAX_ARRIVALS}) n)`;
