import { z } from "@hono/zod-openapi";
import { KINDS } from "../../../broker/contract/readings.ts";
import { DEVICE_ID } from "../../../broker/contract/topics.ts";
import { DECODER_NAMES } from "../../../ingest/decoders/index.ts";
import { id, instant, nullableTimestamp, shortText, stamps } from "../../http/fields.ts";

export const DEVICE_KINDS = [...KINDS, "gateway"] as const;
export const DEVICE_STATES = ["pending", "active", "suspended", "retired"] as const;

const since = instant.optional().describe("from when on; by default always for the first mount, now for a later one");

/** Where a device is mounted: on a vehicle, on the goods of a shipment, at a read point, below a shelf, or just at a location. */
export const mount = z.union([
  z.strictObject({ vehicle_id: id, since }),
  z.strictObject({ shipment_id: id, since }),
  z.strictObject({
    location_id: id,
    antennas: z.record(z.string().regex(/^\d{1,5}$/), z.enum(["inside", "outside"])),
    since,
  }),
  z.strictObject({
    location_id: id,
    item_id: id,
    tare_grams: z.number().min(0).default(0).describe("what the scale shows below the empty shelf"),
    division_grams: z.number().positive().max(10_000).optional().describe("the finest step of the scale; 1 by default"),
    since,
  }),
  z.strictObject({ location_id: id, since }),
]);
export type Mount = z.output<typeof mount>;

/** A mount in responses: fields of another kind of mount are absent. */
const storedMount = z.object({
  vehicle_id: id.optional(),
  shipment_id: id.optional(),
  location_id: id.optional(),
  antennas: z.record(z.string(), z.enum(["inside", "outside"])).optional(),
  item_id: id.optional(),
  tare_grams: z.number().optional(),
  division_grams: z.number().optional(),
});

const fix = z.looseObject({
  ts: z.string(),
  lat: z.number(),
  lon: z.number(),
  quality: z.string().optional().describe("absent of a fix from before it was kept"),
});

const deviceFields = {
  decoder: z.enum(DECODER_NAMES).optional(),
  name: shortText.nullable().optional(),
  state: z.enum(DEVICE_STATES).optional(),
  mount: mount.nullable().optional(),
  rate_limit: z
    .number()
    .min(0)
    .max(1e6)
    .nullable()
    .optional()
    .describe("messages per second; 0: no limit; null: the default"),
  interval_s: z.number().positive().max(1e7).nullable().optional().describe("usual time between readings, seconds"),
  profile_id: id.nullable().optional().describe("the device profile that says what the fields of its payload are"),
};

export const newDevice = z
  .strictObject({ id: z.string().regex(DEVICE_ID), kind: z.enum(DEVICE_KINDS), ...deviceFields })
  .openapi("NewDevice");
export const newDevices = z.array(newDevice).min(1).max(1000);
export const deviceChange = z.strictObject(deviceFields).openapi("DeviceChange");
export type NewDevice = z.output<typeof newDevice>;

export const device = z
  .object({
    id: z.string(),
    kind: z.enum(DEVICE_KINDS),
    decoder: z.string(),
    name: z.string().nullable(),
    state: z.enum(DEVICE_STATES),
    mount: storedMount.nullable(),
    mounted_since: nullableTimestamp,
    rate_limit: z.number().nullable(),
    interval_s: z.number().nullable(),
    profile_id: id.nullable(),
    presence: z.enum(["online", "offline", "unknown"]),
    last_seen_at: nullableTimestamp,
    latest: z
      .looseObject({ gps: fix.optional(), gps_flagged: fix.optional() })
      .describe(
        "the newest reading of each kind; `gps` is the newest good fix with its `quality`, `gps_flagged` a newer one that moves nothing",
      ),
    ...stamps,
  })
  .openapi("Device");
export type Device = z.output<typeof device>;

export const deviceWithSecret = device
  .extend({
    secret: z.string().describe("shown only here"),
    guide: z.string().describe("how to connect it: blocks to copy for every kind and vendor format"),
  })
  .openapi("DeviceWithSecret");

export const credential = z.object({ id: z.string(), secret: z.string() }).openapi("Credential");

const counts = {
  received: z.number().int(),
  stored: z.number().int(),
  duplicate: z.number().int(),
  late: z.number().int(),
  quarantined: z.number().int(),
  quarantine_not_kept: z
    .number()
    .int()
    .describe("refused messages of the last days that were only counted: an hour had too many"),
  gap: z.number().int(),
  skew_ms: z.number().nullable().describe("the smallest delay between measurement and receipt; negative: ahead of it"),
  time_corrected: z.number().int().describe("readings whose date was wrong by a GPS week rollover, and is corrected"),
  implausible_time: z.number().int().describe("readings in quarantine with a date before the year 2000"),
  future: z.number().int().describe("readings in quarantine that are more than 5 min ahead of their receipt"),
  ignored_fields: z
    .array(
      z.object({
        field: z.string(),
        kind: z.string().optional().describe("the kind of reading it came with"),
        count: z.number().int(),
        hint: z.string().optional().describe("what was probably meant, or why it is not used"),
      }),
    )
    .describe(
      "fields that the device sends and its decoder does not use, since its first message; at most 32 are named",
    ),
};
export type DeviceCounts = z.output<z.ZodObject<typeof counts>>;

export const quality = z
  .object({
    ...counts,
    clock_offset_ms: z
      .number()
      .nullable()
      .describe("its clock is ahead by at least so much, negative: behind; null: nothing speaks against it"),
    clock_offset_samples: z.number().int().describe("readings that say so"),
    clock_samples: z
      .array(
        z.object({
          at: nullableTimestamp,
          offset_ms: z.number(),
          basis: z.enum(["receipt", "departure", "arrival"]),
          tag: z.string().optional(),
          vehicle_id: id.optional(),
        }),
      )
      .describe(
        "the newest of them: a tag read after its vehicle had left, or before it came, or ahead of its receipt",
      ),
    warnings: z.array(z.string()).describe("what is wrong with it, for people"),
  })
  .openapi("DeviceQuality");
export type DeviceQuality = z.output<typeof quality>;
