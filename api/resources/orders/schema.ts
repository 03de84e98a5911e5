import { z } from "@hono/zod-openapi";
import { dayOrInstant, id, shortText, stamps, timestamp } from "../../http/fields.ts";

export const ORDER_KINDS = ["customer", "restock"] as const;
export const ORDER_STATUSES = ["draft", "approved", "sent", "partial", "received", "closed", "cancelled"] as const;

const line = z.strictObject({ item_id: id, quantity: z.number().int().min(1).max(2_147_483_647) });
const lines = z.array(line).min(1).max(500);

const orderFields = {
  customer_id: id.nullable().optional(),
  supplier_id: id.nullable().optional(),
  location_id: id.nullable().optional(),
  reference: shortText.nullable().optional(),
  order_date: dayOrInstant.optional(),
};

export const newOrder = z.strictObject({ kind: z.enum(ORDER_KINDS), lines, ...orderFields }).openapi("NewOrder");
export const orderChange = z
  .strictObject({ status: z.enum(ORDER_STATUSES).optional(), lines: lines.optional(), ...orderFields })
  .openapi("OrderChange");

export const order = z
  .object({
    id,
    kind: z.enum(ORDER_KINDS),
    status: z.enum(ORDER_STATUSES),
    customer_id: id.nullable(),
    supplier_id: id.nullable(),
    location_id: id.nullable(),
    reference: z.string().nullable(),
    order_date: timestamp,
    lines: z.array(z.object({ item_id: id, quantity: z.number().int() })),
    ...stamps,
  })
  .openapi("Order");
export type Order = z.output<typeof order>;
