import type { z } from "@hono/zod-openapi";
import { SIGNED_IN } from "../../auth/roles.ts";
import { listInventoryItems } from "../inventory/queries.ts";
import { listQuery as inventoryQuery } from "../inventory/routes.ts";
import { inventoryItem } from "../inventory/schema.ts";
import { listMovements } from "../movements/queries.ts";
import { listQuery as movementQuery } from "../movements/routes.ts";
import { movement } from "../movements/schema.ts";
import { columnsOf, type ExportKind, PAGING, pageOfRows } from "./export-kind.ts";

export const INVENTORY: ExportKind = {
  name: "inventory-items",
  access: SIGNED_IN,
  tag: "Inventory",
  summary: "Export stock levels as CSV",
  filters: inventoryQuery.omit(PAGING),
  columns: columnsOf(inventoryItem),
  async page({ db }, filters: Omit<z.output<typeof inventoryQuery>, "limit" | "cursor">, after, limit) {
    const rows = await listInventoryItems(db, {
      after: after as number | undefined,
      quantity: filters.quantity,
      quantityAtLeast: filters.quantity_gte,
      itemId: filters.item_id,
      locationId: filters.location_id,
      belowReorderPoint: filters.below_reorder_point,
      limit: limit + 1,
    });
    return pageOfRows(rows, limit, ({ id }) => id);
  },
};

export const MOVEMENTS: ExportKind = {
  name: "movements",
  access: SIGNED_IN,
  tag: "Inventory",
  summary: "Export movements as CSV: what changed levels, by whom or which sensor, why, and what shows it",
  filters: movementQuery.omit(PAGING),
  columns: columnsOf(movement),
  async page({ db, isLimited }, filters: Omit<z.output<typeof movementQuery>, "limit" | "cursor">, after, limit) {
    const filter = {
      inventoryItemId: filters.inventory_item_id,
      itemId: filters.item_id,
      locationId: filters.location_id,
      isDescending: filters.order === "newest",
      after: after as number | undefined,
      limit: limit + 1,
    };
    return pageOfRows(await listMovements(db, filter, isLimited), limit, ({ id }) => id);
  },
};
