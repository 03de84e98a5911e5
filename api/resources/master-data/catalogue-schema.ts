import { z } from "@hono/zod-openapi";
import { cents, count, currency, id, name, nullableTimestamp, shortText, stamps } from "../../http/fields.ts";

const pack = z.strictObject({
  unit: z.string().min(1).max(64),
  quantity: z.number().int().min(1).max(1_000_000).describe("base units in one pack"),
  gtin: z.string().max(14).nullable().optional(),
});

/** GTIN-8, -12, -13 or -14 (GS1 General Specifications §3.3); the check digit is checked where it is stored. */
const gtin = z.string().regex(/^(\d{8}|\d{12,14})$/, "expected 8, 12, 13 or 14 digits");

const itemFields = {
  sku: z.string().trim().min(1).max(128),
  name,
  gtin: gtin.nullable().optional(),
  barcode: shortText.nullable().optional(),
  base_unit: z.string().min(1).max(64).optional(),
  packs: z.array(pack).max(100).optional(),
  unit_weight_grams: z.number().positive().max(1e9).nullable().optional(),
  value_cents: cents.nullable().optional(),
  currency: currency.nullable().optional(),
  supplier_id: id.nullable().optional(),
};

export const newItem = z.strictObject(itemFields).openapi("NewItem");
export const itemChange = newItem.partial().openapi("ItemChange");

export const item = z
  .object({
    id,
    sku: z.string(),
    name: z.string(),
    gtin: z.string().nullable(),
    barcode: z.string().nullable(),
    base_unit: z.string(),
    packs: z.array(z.unknown()),
    unit_weight_grams: z.number().nullable(),
    value_cents: z.number().int().nullable(),
    currency: z.string().nullable(),
    supplier_id: id.nullable(),
    ...stamps,
  })
  .openapi("Item");
export type Item = z.output<typeof item>;

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
