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
  ["condition.*", "Goods and their limits: everything"],
  ["condition.out_of_range", "Goods are out of their limits"],
  ["condition.in_range", "Goods are within their limits again"],
  ["condition.corrected", "Limits: what was told before is corrected"],
  ["handling_unit.*", "Handling units: everything"],
  ["handling_unit.packed", "Handling unit was packed"],
  ["handling_unit.unpacked", "Handling unit was unpacked"],
  ["tag.*", "Tags at gates: everything"],
  ["tag.passed", "Tag has passed a gate"],
  ["tag.corrected", "Tag: what was told before is corrected"],
  ["alert.*", "Alerts: everything"],
  ["alert.opened", "Alert was opened"],
  ["alert.acknowledged", "Alert was acknowledged"],
  ["alert.resolved", "Alert is resolved"],
  ["alert.reopened", "Alert is back"],
];

const LABELS = new Map(EVENT_CHOICES);

export const eventLabel = (type: string): string => LABELS.get(type) ?? type;
