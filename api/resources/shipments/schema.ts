import { z } from "@hono/zod-openapi";
import { SHIPMENT_STATUSES, STAGES } from "../../../ingest/domain/fact.ts";
import {
  cents,
  currency,
  id,
  instant,
  name,
  nullableInstant,
  nullableTimestamp,
  shortText,
  stamps,
  timestamp,
} from "../../http/fields.ts";
import { conditions, profiles, route } from "../conditions/fields.ts";
import { customInput, customOutput } from "../custom-fields/fields.ts";
import { eta, promise } from "./eta-schema.ts";
import { risks } from "./risks.ts";

/** A stage by name, or a location by id. */
const stageOrLocation = z.union([z.enum(STAGES), id]).describe("a stage, or the id of a location");
const MAX_QUANTITY = 2_147_483_647;
const quantity = z.number().int().min(1).max(MAX_QUANTITY);

const details = {
  destination_id: id.nullable().optional(),
  due_at: nullableInstant.optional(),
  priority: z.string().max(64).nullable().optional(),
  value_cents: cents.nullable().optional(),
  currency: currency.nullable().optional(),
  profiles: profiles.optional(),
  conditions: conditions.nullable().optional(),
  route: route.nullable().optional(),
  reference: shortText.nullable().optional().describe("the customer's reference"),
  order_id: id.nullable().optional(),
  owner_id: id.nullable().optional(),
  ...customInput,
};

const MAX_LINES = 500;
const NAMED = "product_name or item_id is needed";
const isNamed = (line: { product_name?: string | undefined; item_id?: number | undefined }): boolean =>
  line.product_name !== undefined || line.item_id !== undefined;

const newLine = z
  .strictObject({ product_name: name.optional(), item_id: id.optional(), quantity })
  .refine(isNamed, { path: ["product_name"], message: NAMED });
const newLines = z
  .array(newLine)
  .min(1)
  .max(MAX_LINES)
  .refine((lines) => lines.reduce((sum, line) => sum + line.quantity, 0) <= MAX_QUANTITY, {
    message: `all lines together have at most ${MAX_QUANTITY}`,
  });

export const newShipment = z
  .strictObject({
    product_name: name.optional(),
    item_id: id.optional(),
    quantity: quantity.optional(),
    lines: newLines
      .optional()
      .describe("its goods, of several products; for one product its item_id or product_name and its quantity do"),
    location: stageOrLocation,
    at: instant.optional().describe("when it was created; now by default"),
    ...details,
  })
  .superRefine((body, context) => {
    const refuse = (field: string, message: string) => context.addIssue({ code: "custom", path: [field], message });
    if (body.lines === undefined) {
      if (!isNamed(body)) refuse("product_name", `${NAMED}, or lines`);
      if (body.quantity === undefined) refuse("quantity", "quantity is needed, or lines");
      return;
    }
    for (const field of ["product_name", "item_id", "quantity"] as const)
      if (body[field] !== undefined) refuse(field, "the lines say what the goods are: leave it out");
  })
  .openapi("NewShipment");

export const shipmentChange = z
  .strictObject({
    status: z
      .enum(SHIPMENT_STATUSES)
      .optional()
      .describe("delivered without a location means the destination, if it has one"),
    location: stageOrLocation.optional(),
    at: instant.optional().describe("when status or location changed; now by default"),
    ...details,
  })
  .openapi("ShipmentChange");

export const loading = z.strictObject({ vehicle_id: id, at: instant.optional() }).openapi("Loading");
export const unloading = z.strictObject({ location_id: id, at: instant.optional() }).openapi("Unloading");
export const proofOfDelivery = z
  .strictObject({
    name: name.describe("name of the recipient"),
    note: z.string().max(2000).optional(),
    outcome: z.enum(["delivered", "partly", "refused"]).default("delivered").describe("refused goods are returned"),
    reason: z.string().trim().min(1).max(500).optional().describe("why it was refused, or not taken whole"),
    lines: z
      .array(z.strictObject({ line: z.number().int().min(1).max(MAX_LINES), quantity: quantity.or(z.literal(0)) }))
      .min(1)
      .max(MAX_LINES)
      .optional()
      .describe("how much of each line was taken, of a part; of a line that is not named, nothing was"),
    attachment_ids: z
      .array(id)
      .min(1)
      .max(20)
      .optional()
      .describe("photos and signatures, which were added to the shipment before"),
    at: instant.optional(),
  })
  .openapi("ProofOfDelivery");

export const shipment = z
  .object({
    id,
    tracking_number: z.string(),
    product_name: z.string(),
    item_id: id.nullable().describe("null: several products, or one that is not in the catalogue"),
    quantity: z.number().int().describe("of all lines"),
    lines: z
      .array(
        z.object({
          line: z.number().int().describe("its number, from 1"),
          item_id: id.nullable(),
          product_name: z.string(),
          quantity: z.number().int(),
        }),
      )
      .describe("its goods by product"),
    status: z.enum(SHIPMENT_STATUSES),
    stage: z.enum(STAGES),
    stage_since: timestamp,
    location_id: id.nullable(),
    vehicle_id: id.nullable(),
    origin_id: id.nullable(),
    destination_id: id.nullable(),
    due_at: nullableTimestamp,
    priority: z.string().nullable(),
    value_cents: z.number().int().nullable(),
    currency: z.string().nullable(),
    profiles,
    conditions: z
      .record(z.string(), z.unknown())
      .nullable()
      .describe("as it was given; rows from before limits were checked may hold anything"),
    route: route.nullable(),
    reference: z.string().nullable(),
    order_id: id.nullable(),
    owner_id: id.nullable(),
    promise,
    eta: eta.nullable().describe("when it is expected at its destination; null: closed, or without a destination"),
    risks,
    ...customOutput,
    ...stamps,
  })
  .openapi("Shipment");
export type Shipment = z.output<typeof shipment>;
