/** The types of events that are told, as `types` of a webhook names them; `waystock.{type}.v1` in a CloudEvent. */
export const EVENT_TYPES = [
  "alert.acknowledged",
  "alert.opened",
  "alert.reopened",
  "alert.resolved",
  "condition.corrected",
  "condition.in_range",
  "condition.out_of_range",
  "cycle_count.closed",
  "handling_unit.packed",
  "handling_unit.unpacked",
  "order.created",
  "order.status_changed",
  "shipment.corrected",
  "shipment.moved",
  "shipment.stage_changed",
  "stock.level_changed",
  "tag.corrected",
  "tag.passed",
] as const;

const kindOf = (type: string): string => type.slice(0, type.indexOf("."));

/** What chooses types: one of them, all of a kind (`shipment.*`), or all (`*`). */
export const TYPE_PATTERNS: readonly string[] = [
  "*",
  ...new Set(EVENT_TYPES.map((type) => `${kindOf(type)}.*`)),
  ...EVENT_TYPES,
];
