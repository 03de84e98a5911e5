import { z } from "@hono/zod-openapi";
import { count, id, nullableTimestamp } from "../../http/fields.ts";

export const STOCK_SOURCES = ["ledger", "scale", "rfid"] as const;

export const newInventoryItem = z
  .strictObject({
    item_id: id,
    location_id: id,
    quantity: count.optional(),
    reorder_point: count.optional(),
    source: z.enum(STOCK_SOURCES).optional(),
  })
  .openapi("NewInventoryItem");
export const inventoryItemChange = z
  .strictObject({
    quantity: count.optional(),
    reorder_point: count.optional(),
    source: z.enum(STOCK_SOURCES).optional(),
  })
  .openapi("InventoryItemChange");
export const reorderPoint = z.strictObject({ reorder_point: count }).openapi("ReorderPoint");

export const inventoryItem = z
  .object({
    id,
    item_id: id,
    name: z.string(),
    sku: z.string(),
    owner_id: id.nullable(),
    quantity: z.number().int(),
    unit: z.string(),
    reserved: z.number().int(),
    available: z.number().int(),
    condition: z.string(),
    location_id: id,
    reorder_point: z.number().int(),
    source: z.enum(STOCK_SOURCES),
    measured_at: nullableTimestamp,
  })
  .openapi("InventoryItem");
export type InventoryItem = z.output<typeof inventoryItem>;
