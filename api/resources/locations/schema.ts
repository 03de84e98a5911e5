import { z } from "@hono/zod-openapi";
import { STAGES } from "../../../ingest/domain/fact.ts";
import { count, id, name, shortText, stamps } from "../../http/fields.ts";
import { geofence, storedGeofence } from "./geofence.ts";

function isTimeZone(text: string): boolean {
  try {
    new Intl.DateTimeFormat("en", { timeZone: text }).format(0);
    return true;
  } catch {
    return false;
  }
}

const code = z.string().trim().min(1).max(128);
const room = z.number().positive().max(1e12);

const locationFields = {
  name,
  stage: z.enum(STAGES).nullable().optional(),
  parent_id: id.nullable().optional(),
  barcode: code.nullable().optional().describe("what is printed on the label that is there already"),
  time_zone: shortText
    .refine(isTimeZone, { message: "expected an IANA time zone such as Europe/Berlin" })
    .nullable()
    .optional(),
  geofence: geofence.nullable().optional(),
  capacity_units: count.nullable().optional().describe("base units of all items together"),
  capacity_litres: room.nullable().optional(),
  capacity_kilograms: room.nullable().optional(),
};

export const newLocation = z.strictObject(locationFields).openapi("NewLocation");
export const locationChange = newLocation.partial().openapi("LocationChange");

export const location = z
  .object({
    id,
    name: z.string(),
    stage: z.enum(STAGES).nullable(),
    parent_id: id.nullable(),
    barcode: z.string().nullable(),
    time_zone: z.string().nullable(),
    geofence: storedGeofence.nullable(),
    capacity_units: z.number().int().nullable(),
    capacity_litres: z.number().nullable(),
    capacity_kilograms: z.number().nullable(),
    ...stamps,
  })
  .openapi("Location");
export type Location = z.output<typeof location>;
