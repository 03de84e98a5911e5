import { z } from "@hono/zod-openapi";
import { DEVICE_ID } from "../../../broker/contract/topics.ts";
import { DECODER_NAMES } from "../../../ingest/decoders/index.ts";
import { shortText } from "../../http/fields.ts";
import { DEVICE_KINDS } from "../devices/schema.ts";

export const provisionRequest = z.strictObject({
  profile_key: z.string().min(1).max(200).describe("the key of a device profile"),
  id: z.string().regex(DEVICE_ID, "expected a device's id"),
  kind: z.enum(DEVICE_KINDS),
  decoder: z.enum(DECODER_NAMES).optional().describe("where the profile names none"),
  name: shortText.optional(),
});

export const registeredDevice = z
  .object({
    id: z.string(),
    secret: z.string().describe("shown only here; the device may connect once a person has approved it"),
    state: z.literal("pending"),
  })
  .openapi("RegisteredDevice");

/** Registers a device within the quota of the profile that a key belongs to. */
export type ProvisionDevice = (
  request: z.output<typeof provisionRequest>,
) => Promise<
  | ({ ok: true } & z.output<typeof registeredDevice>)
  | { ok: false; reason: "unknown-key" | "quota" | "exists" | "kind" }
>;
