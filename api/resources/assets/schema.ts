import { z } from "@hono/zod-openapi";
import { hasValidCheckDigit } from "../../../ingest/domain/gs1/check-digit.ts";
import { cents, currency, dayOrInstant, id, name, shortText, stamps, timestamp } from "../../http/fields.ts";

export const ASSET_KINDS = ["pallet", "crate", "container", "other"] as const;
const kind = z.enum(ASSET_KINDS);

const grai = z
  .string()
  .trim()
  .regex(/^0?\d{13}$/, "expected 13 digits")
  .transform((text) => text.slice(-13))
  .refine(hasValidCheckDigit, { message: "it has a wrong check digit" })
  .describe("of the type, without serial: 13 digits");

const details = {
  grai: grai.nullable().optional(),
  value_cents: cents.nullable().optional().describe("of one"),
  currency: currency.nullable().optional(),
};
export const newAssetType = z.strictObject({ name, kind, ...details }).openapi("NewAssetType");
export const assetTypeChange = newAssetType.partial().openapi("AssetTypeChange");
export const assetType = z
  .object({
    id,
    name: z.string(),
    kind,
    grai: z.string().nullable(),
    value_cents: z.number().int().nullable(),
    currency: z.string().nullable(),
    out: z.number().int().describe("how many parties have of it, together"),
    ...stamps,
  })
  .openapi("AssetType");
export type AssetType = z.output<typeof assetType>;

const MAX_AT_ONCE = 1_000_000;
/** A serial of an asset; more on one line are scanned GRAIs. */
const assetCode = z
  .string()
  .trim()
  .min(1)
  .max(256)
  .describe(
    "serial of one asset, or what a scanner reads of it: a GRAI (AI 8003) as element string, Digital Link or EPC",
  );

export const newAssetMovement = z
  .strictObject({
    asset_type_id: id.optional().describe("not needed where all of `assets` are scanned GRAIs"),
    party_id: id,
    direction: z.enum(["given", "returned"]).describe("given to the party, or returned by it"),
    quantity: z
      .number()
      .int()
      .min(1)
      .max(MAX_AT_ONCE)
      .optional()
      .describe("those with a serial included; how many `assets` there are by default"),
    assets: z.array(assetCode).max(500).optional().describe("those that have a serial of their own"),
    at: dayOrInstant.optional().describe("when it happened; now by default"),
    location_id: id.nullable().optional().describe("our place that they left or came to"),
    shipment_id: id.nullable().optional().describe("that they went or came with"),
    reference: shortText.nullable().optional(),
  })
  .refine((body) => body.quantity !== undefined || (body.assets?.length ?? 0) > 0, {
    path: ["quantity"],
    message: "say how many, or which",
  })
  .openapi("NewAssetMovement");

export const assetMovement = z
  .object({
    id,
    asset_type_id: id,
    asset_type: z.string().describe("its name"),
    party_id: id,
    party: z.string().describe("its name"),
    quantity: z.number().int().describe("given to the party (positive) or returned by it (negative)"),
    serials: z.array(z.string()).describe("of those that have one"),
    at: timestamp,
    location_id: id.nullable(),
    shipment_id: id.nullable(),
    reference: z.string().nullable(),
    reverses: id.nullable().describe("the movement that this one takes back"),
    reversed_by: id.nullable(),
    actor_id: id.nullable(),
    recorded_at: timestamp,
  })
  .openapi("AssetMovement");
export type AssetMovement = z.output<typeof assetMovement>;

export const assetReversal = z.strictObject({ reason: shortText.min(1) }).openapi("AssetMovementReversal");

export const assetBalance = z
  .object({
    party_id: id,
    party: z.string(),
    asset_type_id: id,
    asset_type: z.string(),
    kind,
    given: z.number().int(),
    returned: z.number().int(),
    balance: z
      .number()
      .int()
      .describe("how many the party has of ours; negative: it has returned more than it was given"),
    value_cents: z.number().int().nullable().describe("of the balance, by the value of one"),
    currency: z.string().nullable(),
    last_at: timestamp.describe("of the last movement"),
  })
  .openapi("AssetBalance");
export type AssetBalance = z.output<typeof assetBalance>;

export const asset = z
  .object({
    asset_type_id: id,
    asset_type: z.string(),
    serial: z.string(),
    party_id: id.nullable().describe("who has it; null: it is with us"),
    party: z.string().nullable(),
    since: timestamp,
  })
  .openapi("Asset");
export type Asset = z.output<typeof asset>;
