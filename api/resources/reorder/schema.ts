import { z } from "@hono/zod-openapi";
import { id } from "../../http/fields.ts";
import { appliedReorderPoint } from "../inventory/schema.ts";

const base = z.number().int().describe("base units");

export const reorderSuggestion = z
  .object({
    id: id.describe("of the stock position"),
    item_id: id,
    name: z.string(),
    sku: z.string(),
    location_id: id,
    unit: z.string(),
    available: base,
    on_order: z.number().int().describe("of approved restock orders, what has not arrived"),
    in_transit: z.number().int().describe("shipments to this place that belong to no restock order"),
    projected: z.number().int().describe("available, on order and in transit"),
    ...appliedReorderPoint,
    supplier_id: id.nullable(),
    suggested_quantity: z
      .number()
      .int()
      .describe("brings projected stock to twice the reorder point; the supplier's minimum and pack round it up"),
    order_id: id.nullable().describe("the draft that the platform has made for it"),
    insufficient_history: z
      .boolean()
      .describe("under 14 days of movements, or the supplier's lead time is not known: nothing is said of demand"),
    demand: z
      .object({
        history_days: z.number().int(),
        daily_mean: z.number(),
        daily_deviation: z.number(),
        lead_time_days: z.number(),
        z: z.number().describe("of a service level of 95 %"),
        safety_stock: base,
        reorder_point: z.number().int().describe("what demand and lead time would make it"),
        economic_quantity: z.number().int().nullable().describe("null: the item's value is not known"),
      })
      .nullable()
      .describe("of the last 90 days, and what follows from it"),
  })
  .openapi("ReorderSuggestion");
export type ReorderSuggestion = z.output<typeof reorderSuggestion>;
