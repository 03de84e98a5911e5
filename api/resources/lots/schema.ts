import { z } from "@hono/zod-openapi";
import { id, nullableTimestamp, stamps, timestamp } from "../../http/fields.ts";

/** AI character set 82 (GS1 General Specifications, figure 7.11-1); labels of other systems have spaces too. */
const LOT_NUMBER = /^[\x20-\x7E]{1,64}$/;

/** A lot number as clients send it. */
export const lotNumber = z
  .string()
  .trim()
  .regex(LOT_NUMBER, "expected 1 to 64 printable ASCII characters")
  .describe("the lot number as it is printed; capitals matter");

/** A day without a time. */
export const day = z
  .string()
  .refine((text) => /^\d{4}-\d\d-\d\d$/.test(text) && !Number.isNaN(Date.parse(text)) && isoDayOf(text) === text, {
    message: "expected a day that exists, such as 2027-03-31",
  })
  .openapi({ type: "string", format: "date", example: "2027-03-31" });
const isoDayOf = (text: string): string => new Date(Date.parse(text)).toISOString().slice(0, 10);
export const nullableDay = z
  .string()
  .nullable()
  .openapi({ type: ["string", "null"], format: "date" });

const reason = z.string().trim().min(1).max(255);
const text = z.string().trim().min(1).max(2000);

const details = {
  expires_on: day.nullable().optional().describe("the last day on which it may be used; null: it does not expire"),
  supplier_id: id.nullable().optional().describe("who it was received from"),
  release_condition: text
    .nullable()
    .optional()
    .describe("what must be so before it is released, e.g. `laboratory result 4711`"),
};

export const newLot = z
  .strictObject({
    item_id: id,
    number: lotNumber,
    ...details,
    hold: reason.optional().describe("puts it on hold at once, for this reason"),
  })
  .openapi("NewLot");
export const lotChange = z.strictObject(details).openapi("LotChange");
export const holding = z.strictObject({ reason: reason.describe("why nobody may use it") }).openapi("LotHolding");
export const releasing = z.strictObject({ reason: reason.describe("why it may be used") }).openapi("LotRelease");

export const lot = z
  .object({
    id,
    item_id: id,
    name: z.string().describe("of the item"),
    sku: z.string(),
    unit: z.string(),
    number: z.string(),
    expires_on: nullableDay,
    is_expired: z.boolean().describe("its last day is over, in UTC"),
    supplier_id: id.nullable(),
    release_condition: z.string().nullable(),
    on_hold: z.boolean(),
    hold_reason: z.string().nullable(),
    held_at: nullableTimestamp,
    quantity: z.number().int().describe("what is known of it in stock, in base units, also on hold and damaged"),
    quantity_on_hold: z.number().int(),
    places: z.number().int().describe("at how many locations it is"),
    ...stamps,
  })
  .openapi("Lot");
export type Lot = z.output<typeof lot>;

export const lotHold = z
  .object({
    id,
    reason: z.string(),
    held_at: timestamp,
    held_by: id.nullable(),
    release_reason: z.string().nullable(),
    released_at: nullableTimestamp.describe("null: it is on hold"),
    released_by: id.nullable(),
  })
  .openapi("LotHold");
export type LotHold = z.output<typeof lotHold>;

export const lotMovement = z
  .object({
    id: z.number().int().describe("of the movement of stock, if there is one"),
    inventory_item_id: id,
    location_id: id,
    condition: z.string(),
    at: timestamp,
    change: z.number().int().describe("of the lot there, in base units"),
    quantity: z.number().int().describe("of the lot there, afterwards"),
    reason: z.string().nullable(),
    actor_id: id.nullable(),
    device_id: z.string().nullable(),
  })
  .openapi("LotMovement");
export type LotMovement = z.output<typeof lotMovement>;

export const RECALL_KINDS = ["stock", "shipment", "piece"] as const;
export const recallRow = z
  .object({
    kind: z.enum(RECALL_KINDS).describe("stock: a stock position; piece: a single piece with a serial"),
    id: id.describe("of the stock position, the shipment or the piece"),
    place: z.string().nullable().describe("the location it is at or goes to, by name"),
    location_id: id.nullable(),
    code: z.string().nullable().describe("tracking number of a shipment, serial of a piece"),
    status: z.string().describe("condition of stock, status of a shipment, state of a piece"),
    quantity: z.number().int().describe("there now, or in the shipment; 0: it was there, and is not any more"),
    moved_in: z
      .number()
      .int()
      .nullable()
      .describe("of stock: how much of it ever came there; what was only put on hold or released did not"),
    since: nullableTimestamp.describe("when the first of it came there"),
    until: nullableTimestamp.describe("when the last of it left; null: it is there"),
  })
  .openapi("RecallRow");
export type RecallRow = z.output<typeof recallRow>;

export const stockLot = z
  .object({
    lot_id: id.nullable().describe("null: of no lot that is known"),
    lot: z.string().nullable(),
    quantity: z.number().int(),
    expires_on: nullableDay,
    is_expired: z.boolean(),
    on_hold: z.boolean(),
    since: nullableTimestamp.describe("when the first of it came"),
  })
  .openapi("StockLot");
export type StockLot = z.output<typeof stockLot>;
