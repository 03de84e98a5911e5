import { z } from "@hono/zod-openapi";
import { DECODER_NAMES } from "../../../ingest/decoders/index.ts";
import { PAYLOAD_TARGETS } from "../../../ingest/decoders/forwarded/payload-fields.ts";
import { id, name, stamps } from "../../http/fields.ts";
import { DEVICE_KINDS } from "../devices/schema.ts";

const target = z.enum(PAYLOAD_TARGETS as readonly [string, ...string[]], {
  error: `expected one of ${PAYLOAD_TARGETS.join(", ")}`,
});
const MAX_FIELDS = 100;

/** What the values of a decoded payload are, by their paths in it. */
const payloadFields = z
  .record(
    z.string().min(1).max(128),
    z.union([
      z.null(),
      target,
      z.strictObject({
        field: target,
        scale: z.number().optional().describe("the reading is value × scale + offset"),
        offset: z.number().optional(),
      }),
    ]),
  )
  .refine((fields) => Object.keys(fields).length <= MAX_FIELDS, `at most ${MAX_FIELDS} fields`)
  .describe(
    "what the values of a decoded payload are (decoders chirpstack, ttn, traccar): by path, such as `batV` or `gps.lat`, a field of a reading, such as `env.celsius`, with a scale and an offset where the unit differs; null: no part of a reading. Common names need no entry",
  );

const profileFields = {
  name,
  kind: z.enum(DEVICE_KINDS).nullable().optional().describe("only devices of this kind; null: any"),
  decoder: z
    .enum(DECODER_NAMES)
    .nullable()
    .optional()
    .describe("the format its devices send; null: each device names it when it registers"),
  quota: z.number().int().min(1).max(1_000_000).describe("how many devices may register with it"),
  certificates: z
    .boolean()
    .optional()
    .describe("devices with a client certificate of the trusted CA may register without the key"),
  active: z.boolean().optional(),
  payload_fields: payloadFields.optional(),
};

export const newDeviceProfile = z.strictObject(profileFields).openapi("NewDeviceProfile");
export const deviceProfileChange = z
  .strictObject({ ...profileFields, name: name.optional(), quota: profileFields.quota.optional() })
  .openapi("DeviceProfileChange");
export const deviceProfile = z
  .object({
    id,
    name: z.string(),
    kind: z.enum(DEVICE_KINDS).nullable(),
    decoder: z.enum(DECODER_NAMES).nullable(),
    quota: z.number(),
    used: z.number(),
    certificates: z.boolean(),
    active: z.boolean(),
    payload_fields: payloadFields,
    ...stamps,
  })
  .openapi("DeviceProfile");
export const deviceProfileWithKey = deviceProfile
  .extend({ profile_key: z.string().describe("shown only here; devices register with it") })
  .openapi("DeviceProfileWithKey");
export type DeviceProfile = z.output<typeof deviceProfile>;
