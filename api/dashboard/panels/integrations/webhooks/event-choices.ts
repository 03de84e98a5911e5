/** Which events an endpoint may be told of: as the API names them, and for people. */
export const EVENT_CHOICES: readonly (readonly [type: string, label: string])[] = [
  ["*", "Everything"],
  ["shipment.*", "Shipments: everything"],
  ["shipment.stage_changed", "Shipment has another stage or status"],
  ["shipment.moved", "Shipment is at another place or vehicle"],
  ["shipment.corrected", "Shipment: what was told before is corrected"],
  ["stock.*", "Stock: everything"],
  ["stock.level_changed", "Stock level has changed"],
  ["order.*", "Orders: everything"],
  ["order.created", "Order was placed"],
  ["order.status_changed", "Order has another status"],
  ["cycle_count.*", "Cycle counts: everything"],
  ["cycle_count.closed", "Cycle count is closed"],
  ["alert.*", "Alerts: everything"],
  ["alert.opened", "Alert was opened"],
  ["alert.acknowledged", "Alert was acknowledged"],
  ["alert.resolved", "Alert is resolved"],
  ["alert.reopened", "Alert is back"],
];

const LABELS = new Map(EVENT_CHOICES);

export const eventLabel = (type: string): string => LABELS.get(type) ?? type;
