import { z } from "@hono/zod-openapi";
import { count, id, shortText, stamps } from "../../http/fields.ts";
import { lotNumber, nullableDay } from "../lots/schema.ts";

export const PICK_LIST_STATUSES = ["open", "done", "cancelled"] as const;
export const SHORT_REASONS = ["missing", "damaged", "other"] as const;

export const newPickList = z
  .strictObject({
    order_ids: z
      .array(id)
      .min(1)
      .max(50)
      .describe("customer orders and transfers that are approved; several are a wave, picked in one walk"),
  })
  .openapi("NewPickList");

export const confirmedPick = z
  .strictObject({
    inventory_item_id: id.describe("the stock position of the stop"),
    quantity: count.describe("what was taken, base units: it is given to the orders of the stop one after the other"),
    place: shortText.optional().describe("what was scanned at the place: it has to be the one of the stop"),
    code: shortText
      .optional()
      .describe(
        "what was scanned of the goods: GTIN, GS1 code, barcode or SKU of the item. A lot that it names must not have expired, nor be on hold",
      ),
    short: z
      .enum(SHORT_REASONS)
      .optional()
      .describe("why not all was taken: the rest is not picked any more, and a count of the position is asked for"),
  })
  .openapi("ConfirmedPick");

export const listCancelling = z.strictObject({}).openapi("PickListCancelling");

export const pickList = z
  .object({
    id,
    status: z.enum(PICK_LIST_STATUSES),
    order_ids: z.array(id),
    tasks: z
      .array(
        z.object({
          task: z.number().int(),
          order_id: id,
          line: z.number().int(),
          inventory_item_id: id,
          item_id: id,
          name: z.string(),
          sku: z.string(),
          unit: z.string(),
          location_id: id,
          location: z.string(),
          location_path: z.array(z.string()).describe("names of the locations around it, outermost first"),
          quantity: count,
          picked: count,
          short: count.describe("not picked, and not wanted any more"),
          reason: z.string().nullable().describe("why it is short"),
          lots: z
            .array(z.object({ lot: lotNumber, expires_on: nullableDay, quantity: count }))
            .describe(
              "which lots to take of what remains: what expires first; goods of which no lot is known are not named",
            ),
        }),
      )
      .describe("in walking order: by the names and codes of the locations, from the outermost"),
    ...stamps,
  })
  .openapi("PickList");
export type PickList = z.output<typeof pickList>;
