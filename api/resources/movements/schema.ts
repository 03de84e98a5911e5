import { z } from "@hono/zod-openapi";
import { dayOrInstant, id, nullableTimestamp, shortText, timestamp } from "../../http/fields.ts";
import { day, lotNumber } from "../lots/schema.ts";

const CONDITIONS = ["good", "damaged", "hold"] as const;
const condition = z.enum(CONDITIONS);
const KINDS = ["opening", "count", "receipt", "pick", "adjustment", "transfer", "reversal"] as const;

const MAX_QUANTITY = 2_147_483_647;
const quantity = z
  .number()
  .int()
  .min(-MAX_QUANTITY)
  .max(MAX_QUANTITY)
  .refine((given) => given !== 0, { message: "a movement moves something" })
  .describe("put (positive) or taken (negative), in `unit`");
const reason = z.string().trim().min(1).max(255).describe("why");

const where = {
  inventory_item_id: id.optional().describe("the stock position; else item and location"),
  item_id: id.optional(),
  location_id: id.optional(),
  owner_id: id.nullable().optional(),
  condition: condition.optional(),
};

export const newMovement = z
  .strictObject({
    ...where,
    quantity,
    unit: shortText.optional().describe("the base unit, or a pack of the item; the base unit by default"),
    reason,
    evidence: z
      .string()
      .trim()
      .min(1)
      .max(2000)
      .optional()
      .describe("what shows it, e.g. the number of a delivery note"),
    at: dayOrInstant.optional().describe("when it happened; now by default"),
    lot: lotNumber.optional().describe("of which lot all of it is; one that is not known yet is added"),
    expires_on: day.optional().describe("of the lot, as its label has it"),
    to: z
      .strictObject({ location_id: id.optional(), condition: condition.optional() })
      .optional()
      .describe("moves the goods to this location, or into this condition; the quantity is then positive"),
  })
  .refine(
    (body) => body.inventory_item_id !== undefined || (body.item_id !== undefined && body.location_id !== undefined),
    {
      path: ["inventory_item_id"],
      message: "name the stock position, or item_id and location_id",
    },
  )
  .refine((body) => body.to === undefined || body.quantity > 0, {
    path: ["quantity"],
    message: "what is moved elsewhere is a positive number",
  })
  .refine((body) => body.expires_on === undefined || body.lot !== undefined, {
    path: ["expires_on"],
    message: "name the lot that expires then",
  })
  .openapi("NewMovement");

export const reversal = z
  .strictObject({ reason: reason.describe("why it did not happen, or was wrong") })
  .openapi("MovementReversal");

export const movement = z
  .object({
    id: z.number().int(),
    inventory_item_id: id,
    item_id: id,
    name: z.string(),
    sku: z.string(),
    location_id: id,
    owner_id: id.nullable(),
    condition,
    at: timestamp.describe("when it happened"),
    kind: z.enum(KINDS).describe("opening: what was there before movements were kept"),
    quantity: z.number().int().describe("what the level changed by, in base units; 0 where a sensor counts by itself"),
    level: z.number().int().min(0).describe("the level afterwards, in base units"),
    unit: z.string().describe("the base unit"),
    unfit: z
      .number()
      .int()
      .describe(
        "what could not be taken (negative) or put (positive): a cycle count is open for it. Later goods are set off against it",
      ),
    reason: z.string().nullable(),
    lots: z
      .array(z.object({ lot: z.string(), quantity: z.number().int() }))
      .describe("of which lots that is, as far as it is known"),
    source: z.string().nullable().describe("of a count: scale, rfid, person, ledger"),
    rule: z.string().nullable(),
    evidence: z.array(z.unknown()),
    confidence: z.number().nullable(),
    actor_id: id.nullable(),
    device_id: z.string().nullable(),
    reverses: z.number().int().nullable().describe("the movement that this one takes back"),
    reversed_by: z.number().int().nullable(),
    transfer_id: z.number().int().nullable().describe("of goods that were moved: the movement on the other side"),
    recorded_at: nullableTimestamp,
  })
  .openapi("Movement");
export type Movement = z.output<typeof movement>;

export const ledgerCheck = z
  .object({
    checked_at: nullableTimestamp.describe("null: not checked yet"),
    positions: z.number().int(),
    different: z.number().int().describe("stock positions whose level is not the sum of their movements"),
    examples: z.array(id),
  })
  .openapi("LedgerCheck");
