import { z } from "@hono/zod-openapi";
import { STAGES } from "../../../ingest/domain/fact.ts";
import { count, id, name, shortText, stamps } from "../../http/fields.ts";

const position = z.tuple([z.number().min(-180).max(180), z.number().min(-90).max(90)]).rest(z.number());
const ring = z
  .array(position)
  .min(4)
  .max(2000)
  .refine((points) => points[0]?.[0] === points.at(-1)?.[0] && points[0]?.[1] === points.at(-1)?.[1], {
    message: "the last position of a ring must equal its first (RFC 7946 §3.1.6)",
  });

/** GeoJSON Polygon (RFC 7946 §3.1.6) or a circle. */
export const geofence = z.union([
  z
    .strictObject({
      type: z.literal("Polygon"),
      coordinates: z.array(ring).min(1).max(20),
      bbox: z.array(z.number()).min(4).max(6).optional().describe("ignored: it follows from the coordinates"),
    })
    .transform(({ type, coordinates }) => ({ type, coordinates })),
  z.strictObject({
    lat: z.number().min(-90).max(90),
    lon: z.number().min(-180).max(180),
    radius_m: z.number().positive().max(1_000_000),
  }),
]);

function isTimeZone(text: string): boolean {
  try {
    new Intl.DateTimeFormat("en", { timeZone: text }).format(0);
    return true;
  } catch {
    return false;
  }
}

const locationFields = {
  name,
  stage: z.enum(STAGES).nullable().optional(),
  parent_id: id.nullable().optional(),
  time_zone: shortText
    .refine(isTimeZone, { message: "expected an IANA time zone such as Europe/Berlin" })
    .nullable()
    .optional(),
  geofence: geofence.nullable().optional(),
  capacity_units: count.nullable().optional(),
};

export const newLocation = z.strictObject(locationFields).openapi("NewLocation");
export const locationChange = newLocation.partial().openapi("LocationChange");

export const location = z
  .object({
    id,
    name: z.string(),
    stage: z.enum(STAGES).nullable(),
    parent_id: id.nullable(),
    time_zone: z.string().nullable(),
    geofence: z.unknown().nullable(),
    capacity_units: z.number().int().nullable(),
    ...stamps,
  })
  .openapi("Location");
export type Location = z.output<typeof location>;
