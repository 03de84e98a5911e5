import { z } from "@hono/zod-openapi";
import {
  count,
  dayOrInstant,
  id,
  instant,
  nullableTimestamp,
  shortText,
  stamps,
  timestamp,
} from "../../http/fields.ts";
import { day, lotNumber } from "../lots/schema.ts";

export const ORDER_KINDS = ["customer", "restock", "transfer", "return"] as const;
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
  location_id: id
    .nullable()
    .optional()
    .describe("of customer orders and transfers another name of ship_from_id, of the others of ship_to_id"),
  ship_from_id: id.nullable().optional().describe("the location that the goods come from, with all below it"),
  ship_to_id: id.nullable().optional().describe("the location that the goods go to"),
  owner_id: id
    .nullable()
    .optional()
    .describe(
      "whose goods; what arrives becomes stock of this owner. null: goods that have no owner; those of a restock order become stock of the position that sensors count",
    ),
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
    next_statuses: z
      .array(z.enum(ORDER_STATUSES))
      .describe(
        "the statuses it may take next; `sales`, who leave the goods to others, are not told picking, packed, shipped, partial and received",
      ),
    customer_id: id.nullable(),
    supplier_id: id.nullable(),
    location_id: id.nullable(),
    ship_from_id: id.nullable(),
    ship_to_id: id.nullable(),
    owner_id: id.nullable(),
    reference: z.string().nullable(),
    order_date: timestamp,
    expected_at: nullableTimestamp.describe(
      "when its goods are expected where they go to: by the estimate of its next shipment that is on its way, else, of a restock order, by the supplier's lead time since it was sent; null: nothing is awaited, or it is not known",
    ),
    overdue: z.boolean().describe("they should have come by now; they stay on order until they come or are cancelled"),
    lines: z.array(
      z.object({
        line: z.number().int().describe("its number in the order, from 1"),
        item_id: id,
        quantity: z.number().int(),
        open: count.describe("what remains to be reserved or picked; of returns and restock orders, to be received"),
        reserved: count.describe("held for this line now"),
        picked: count.describe("taken from its places, and not put back"),
        packed: count.describe("of what was picked"),
        shipped: count.describe("of what was packed"),
        received: z
          .number()
          .int()
          .describe("each piece once, whoever tells of it; more than `quantity` when more has come"),
        received_by: z
          .partialRecord(z.enum(["scale", "rfid", "scan", "person", "shipment"]), z.number().int())
          .describe("how much of what was received of this item each source has told of"),
        damaged: count.describe("of what was received: kept as damaged"),
        scrapped: count.describe("of what was received: thrown away"),
        missing: count.describe("of what was shipped: said not to have arrived"),
        cancelled: z.number().int().describe("of the rest: it will neither leave nor come"),
      }),
    ),
    made_for: id
      .nullable()
      .describe("the stock position that the platform has drafted it for; null: a person or a system has placed it"),
    ...stamps,
  })
  .openapi("Order");
export type Order = z.output<typeof order>;

const lineNumber = z.number().int().min(1).max(500).describe("number of the line in the order, from 1");
const lineQuantity = z.strictObject({ line: lineNumber, quantity: z.number().int().min(1).max(2_147_483_647) });
const someLines = z.array(lineQuantity).min(1).max(500);

const received = z
  .strictObject({
    line: lineNumber.optional().describe("the line it is of; else item_id names it"),
    item_id: id.optional(),
    quantity: z.number().int().min(1).max(2_147_483_647),
    condition: z
      .enum(["good", "damaged", "scrap"])
      .default("good")
      .describe("damaged goods are kept as stock of their own; scrap is thrown away, and becomes no stock"),
    lot: lotNumber.optional(),
    expires_on: day.optional().describe("of the lot, as its label has it"),
  })
  .refine((each) => each.expires_on === undefined || each.lot !== undefined, {
    path: ["lot"],
    message: "name the lot that expires then",
  })
  .refine((each) => each.line !== undefined || each.item_id !== undefined, {
    path: ["line"],
    message: "line or item_id is needed",
  });

export const receipt = z
  .strictObject({
    lines: z
      .array(received)
      .max(500)
      .describe(
        "what has arrived, in base units. Of a restock order also what sensors or scans have seen of it, which is not counted twice",
      ),
    short: z
      .boolean()
      .optional()
      .describe("the rest will not come: it is cancelled; of a transfer, what was shipped and is not here is missing"),
    evidence: z
      .string()
      .trim()
      .min(1)
      .max(2000)
      .optional()
      .describe("what shows it, e.g. the number of a delivery note"),
    at: dayOrInstant.optional().describe("when it arrived; now by default"),
  })
  .refine(({ lines, short }) => lines.length > 0 || short === true, {
    path: ["lines"],
    message: "say what has arrived, or that the rest will not come",
  })
  .openapi("Receipt");

export const reserving = z
  .strictObject({
    lines: someLines.optional().describe("by default all that is open"),
    expires_at: instant.optional().describe("until when; by default until the goods are picked or freed"),
    all: z.boolean().optional().describe("all that is asked for, or nothing; by default as much as is available"),
  })
  .openapi("Reserving");

export const picking = z
  .strictObject({ lines: someLines.optional().describe("what was taken; by default all that remains") })
  .openapi("Picking");

const grams = z.number().positive().max(1e9);
export const weighing = z
  .strictObject({
    grams: grams.optional().describe("gross, as somebody has read it"),
    scale_id: z
      .string()
      .min(1)
      .max(255)
      .optional()
      .describe("the scale that it stands on now: its settled weight is taken"),
    packaging_grams: z.number().min(0).max(1e9).default(0).describe("of the empty box or pallet"),
    reason: shortText.optional().describe("why it is packed although its weight differs"),
  })
  .refine((given) => (given.grams === undefined) !== (given.scale_id === undefined), {
    path: ["grams"],
    message: "either grams or scale_id is needed",
  });

export const packing = z
  .strictObject({
    units: z
      .array(
        z.strictObject({
          sscc: z
            .string()
            .trim()
            .min(1)
            .max(256)
            .optional()
            .describe("of its label: 18 digits, or the EPC; by default a new one"),
          contents: someLines.optional().describe("by default all that was picked and is not packed"),
          weight: weighing.optional().describe("compared with what its contents weigh; by default it is not weighed"),
        }),
      )
      .min(1)
      .max(200)
      .optional()
      .describe("by default one with all that was picked"),
  })
  .openapi("Packing");

export const shipping = z
  .strictObject({
    units: z.array(id).min(1).max(200).optional().describe("ids of packed units; by default all that are not shipped"),
    destination_id: id.optional().describe("of a transfer where it goes to by default"),
    due_at: instant.optional(),
    at: instant.optional().describe("when; now by default"),
  })
  .openapi("Shipping");

export const orderUnit = z
  .object({
    id,
    order_id: id,
    sscc: z.string().nullable().describe("null: it has no label"),
    contents: z.array(z.object({ line: z.number().int(), item_id: id, quantity: z.number().int() })),
    weight_grams: z.number().nullable().describe("gross; null: not weighed"),
    packaging_grams: z.number().nullable().describe("of the empty box or pallet"),
    expected_weight_grams: z
      .number()
      .nullable()
      .describe("what it should weigh with its packaging; null: of one of its items the unit weight is not known"),
    scale_id: z.string().nullable().describe("the scale that told the weight; null: a person, or not weighed"),
    weighed_at: nullableTimestamp,
    weight_reason: z.string().nullable().describe("why it was packed with a weight that differs"),
    shipment_id: id.nullable().describe("null: not shipped"),
    tracking_number: z.string().nullable(),
    ...stamps,
  })
  .openapi("OrderUnit");
export type OrderUnit = z.output<typeof orderUnit>;

export const cancelling = z.strictObject({}).openapi("Cancelling");
