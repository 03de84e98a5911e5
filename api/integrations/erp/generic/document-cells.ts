import type { Outgoing } from "../adapter.ts";

/** A document as a table, its header first. @param sign -1: what takes it back */
export function cellsOf({ key, kind, content }: Outgoing, sign: 1 | -1): unknown[][] {
  const of = sign === -1 ? key : "";
  switch (kind) {
    case "delivery":
    case "receipt":
      return [
        ["key", "reverses", "document", "order", "line", "item", "quantity", "at", "reference"],
        ...content.lines.map(({ lineId, itemId, quantity }) => [
          key,
          of,
          kind,
          content.orderId,
          lineId,
          itemId,
          sign * quantity,
          content.at,
          content.reference,
        ]),
      ];
    case "movement":
    case "count":
      return [
        ["key", "reverses", "document", "warehouse", "item", "quantity", "at"],
        [key, of, kind, content.warehouseId, content.itemId, sign * content.delta, content.at],
      ];
    case "sale":
    case "purchase":
      return [
        ["key", "reverses", "document", "partner", "warehouse", "line", "item", "quantity", "date", "reference"],
        ...content.lines.map(({ itemId, quantity }, at) => [
          ...[key, of, kind, content.partnerId, content.warehouseId],
          ...[at + 1, itemId, sign * quantity, content.date, content.reference],
        ]),
      ];
    case "item":
      return [
        ["key", "document", "sku", "name", "barcode", "unit"],
        [key, kind, content.sku, content.name, content.barcode, content.unit],
      ];
  }
}
