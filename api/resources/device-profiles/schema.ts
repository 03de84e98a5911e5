import { z } from "@hono/zod-openapi";
import { DECODERS, DEVICE_KINDS } from "../devices/schema.ts";
import { id, name, stamps } from "../../http/fields.ts";

const profileFields = {
  name,
  kind: z.enum(DEVICE_KINDS).nullable().optional().describe("only devices of this kind; null: any"),
  decoder: z.enum(DECODERS).nullable().optional().describe("what its devices speak; null: they say it themselves"),
  quota: z.number().int().min(1).max(1_000_000).describe("most devices that may register with it"),
  certificates: z.boolean().optional().describe("client certificates of the trusted authority register as well"),
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
  .extend({ profile_key: z.string().describe("shown this once; devices register with it") })
  .openapi("DeviceProfileWithKey");
export type DeviceProfile = z.output<typeof deviceProfile>;
