/** Shipments of order `o` that are on their way. */
const UNDER_WAY = `shipments s JOIN arrival_estimates a ON a.shipment_id = s.id
  WHERE s.order_id = o.id AND s.vehicle_id IS NOT NULL AND s.status NOT IN ('delivered', 'returned', 'cancelled')`;

/**
 * SQL: when the goods of order `o` are expected where they go to. The next of its shipments is expected by its estimate. Where there is
 * none, a restock order that was sent comes by the lead time of its supplier. null: nothing is awaited, or nobody knows.
 */
export const EXPECTED_AT = `CASE WHEN o.status NOT IN ('draft', 'received', 'closed', 'cancelled') THEN coalesce(
    (SELECT min(a.eta) FROM ${UNDER_WAY}),
    CASE WHEN o.kind = 'restock' THEN o.sent_at + (SELECT p.lead_time_days FROM parties p WHERE p.id = o.supplier_id) * interval '24 hours' END) END`;

/** SQL: whether goods should have come by now. They are owed all the same, and stay on order until somebody cancels them. */
export const isOverdue = (expectedAt: string): string => `coalesce(${expectedAt} < now(), false)`;
