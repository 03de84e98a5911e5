import { z } from "@hono/zod-openapi";
import { id, nullableTimestamp, stamps } from "../../http/fields.ts";

export const reservation = z
  .object({
    id,
    order_id: id,
    line: z.number().int().describe("of the order, from 1"),
    inventory_item_id: id.describe("the stock position that holds the goods"),
    item_id: id,
    name: z.string(),
    sku: z.string(),
    location_id: id,
    quantity: z.number().int().min(1).describe("base units"),
    unit: z.string(),
    expires_at: nullableTimestamp.describe("null: until the goods are picked or freed"),
    ...stamps,
  })
  .openapi("Reservation");
export type Reservation = z.output<typeof reservation>;
