import { z } from "@hono/zod-openapi";
import { cents, currency, id, name, shortText, stamps } from "../../http/fields.ts";

/** GTIN-8, -12, -13 or -14 (GS1 General Specifications §3.3); item-codes.ts checks the check digit. */
const gtin = z.string().regex(/^(\d{8}|\d{12,14})$/, "expected 8, 12, 13 or 14 digits");

const pack = z.strictObject({
  unit: z.string().min(1).max(64),
  quantity: z.number().int().min(1).max(1_000_000).describe("base units in one pack"),
  gtin: gtin.nullable().optional(),
});

const itemFields = {
  sku: z.string().trim().min(1).max(128),
  name,
  gtin: gtin.nullable().optional(),
  barcode: shortText.nullable().optional(),
  base_unit: z.string().min(1).max(64).optional(),
  packs: z
    .array(pack)
    .max(100)
    .refine((packs) => new Set(packs.map(({ unit }) => unit)).size === packs.length, {
      message: "each unit has one factor: it stands here twice",
    })
    .optional(),
  unit_weight_grams: z.number().positive().max(1e9).nullable().optional(),
  unit_volume_litres: z.number().positive().max(1e9).nullable().optional().describe("the room that one takes"),
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
    unit_volume_litres: z.number().nullable(),
    value_cents: z.number().int().nullable(),
    currency: z.string().nullable(),
    supplier_id: id.nullable(),
    ...stamps,
  })
  .openapi("Item");
export type Item = z.output<typeof item>;
