import { z } from "@hono/zod-openapi";
import { cents, currency, id, name, shortText, stamps } from "../../http/fields.ts";
import { customInput, customOutput } from "../custom-fields/fields.ts";

/** In small letters, so that it is compared however it is written. */
export const storageCategory = z.string().trim().toLowerCase().min(1).max(64);

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
  barcode: shortText.min(1).nullable().optional(),
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
  storage_category: storageCategory
    .nullable()
    .optional()
    .describe("what it needs to lie in, e.g. ambient, chilled, hazard: it is put away to places of this category"),
  ...customInput,
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
    storage_category: z.string().nullable(),
    ...customOutput,
    ...stamps,
  })
  .openapi("Item");
export type Item = z.output<typeof item>;
