import { z } from "@hono/zod-openapi";
import { id } from "../../http/fields.ts";
import { expected } from "./schema.ts";

export const stockOutlook = z
  .object({
    id: id.describe("of the stock position"),
    item_id: id,
    location_id: id,
    unit: z.string(),
    available: z.number().int().describe("base units"),
    ...expected,
    history_days: z
      .number()
      .int()
      .nullable()
      .describe("since the first movement, 90 at most; null: there is no movement"),
    daily_mean: z.number().nullable().describe("taken a day in this time, base units; null: `insufficient_history`"),
    days_of_cover: z
      .number()
      .nullable()
      .describe("what is available, at that mean; null: `insufficient_history`, or nothing was taken"),
    insufficient_history: z.boolean().describe("under 14 days of movements: nothing is said of demand"),
  })
  .openapi("StockOutlook");
export type StockOutlook = z.output<typeof stockOutlook>;
