import { z } from "@hono/zod-openapi";
import { dayOrInstant, id, shortText, stamps, timestamp } from "../../http/fields.ts";

export const ORDER_KINDS = ["customer", "restock"] as const;
export const ORDER_STATUSES = [
  "draft",
  "approved",
  "sent",
  "picking",
  "packed",
  "shipped",
  "partial",
  "received",
  "closed",
  "cancelled",
] as const;

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
    next_statuses: z.array(z.enum(ORDER_STATUSES)).describe("the statuses it may take next"),
    customer_id: id.nullable(),
    supplier_id: id.nullable(),
    location_id: id.nullable(),
    reference: z.string().nullable(),
    order_date: timestamp,
    lines: z.array(
      z.object({
        item_id: id,
        quantity: z.number().int(),
        received: z
          .number()
          .int()
          .describe("each piece once, whoever tells of it; more than `quantity` when more has come"),
        received_by: z
          .partialRecord(z.enum(["scale", "rfid", "scan", "person", "shipment"]), z.number().int())
          .describe("how much of what was received of this item each source has told of"),
        cancelled: z.number().int().describe("of the rest that will not come"),
      }),
    ),
    made_for: id
      .nullable()
      .describe("the stock position that the platform has drafted it for; null: a person or a system has placed it"),
    ...stamps,
  })
  .openapi("Order");
export type Order = z.output<typeof order>;

export const receipt = z
  .strictObject({
    lines: z
      .array(line)
      .min(1)
      .max(500)
      .describe(
        "what has arrived, in base units: also what sensors or scans have seen of it, which is not counted twice",
      ),
    short: z.boolean().optional().describe("the rest will not come: it is cancelled"),
    evidence: z
      .string()
      .trim()
      .min(1)
      .max(2000)
      .optional()
      .describe("what shows it, e.g. the number of a delivery note"),
    at: dayOrInstant.optional().describe("when it arrived; now by default"),
  })
  .openapi("Receipt");
