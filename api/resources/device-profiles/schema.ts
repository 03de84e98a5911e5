import { z } from "@hono/zod-openapi";
import { id, name, stamps } from "../../http/fields.ts";
import { DECODERS, DEVICE_KINDS } from "../devices/schema.ts";

const profileFields = {
  name,
  kind: z.enum(DEVICE_KINDS).nullable().optional().describe("only devices of this kind; null: any"),
  decoder: z
    .enum(DECODERS)
    .nullable()
    .optional()
    .describe("the format its devices send; null: each device names it when it registers"),
  quota: z.number().int().min(1).max(1_000_000).describe("how many devices may register with it"),
  certificates: z
    .boolean()
    .optional()
    .describe("devices with a client certificate of the trusted CA may register without the key"),
  active: z.boolean().optional(),
};

export const newDeviceProfile = z.strictObject(profileFields).openapi("NewDeviceProfile");
export const deviceProfile = z
  .object({
    id,
    name: z.string(),
    kind: z.enum(DEVICE_KINDS).nullable(),
    decoder: z.enum(DECODERS).nullable(),
    quota: z.number(),
    used: z.number(),
    certificates: z.boolean(),
    active: z.boolean(),
    ...stamps,
  })
  .openapi("DeviceProfile");
export const deviceProfileWithKey = deviceProfile
  .extend({ profile_key: z.string().describe("shown only here; devices register with it") })
  .openapi("DeviceProfileWithKey");
export type DeviceProfile = z.output<typeof deviceProfile>;
