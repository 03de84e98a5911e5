import { z } from "@hono/zod-openapi";
import { hasValidCheckDigit } from "../../../ingest/domain/gs1/check-digit.ts";
import { STAGES } from "../../../ingest/domain/fact.ts";
import { count, id, name, shortText, stamps } from "../../http/fields.ts";
import { customInput, customOutput } from "../custom-fields/fields.ts";
import { storageCategory } from "../items/schema.ts";
import { geofence, storedGeofence } from "./geofence.ts";

function isTimeZone(text: string): boolean {
  try {
    new Intl.DateTimeFormat("en", { timeZone: text }).format(0);
    return true;
  } catch {
    return false;
  }
}

/** What a place is for. */
export const LOCATION_KINDS = ["receiving", "quality", "storage", "picking", "shipping", "shop_floor"] as const;
export const locationKind = z.enum(LOCATION_KINDS);

const code = z.string().trim().min(1).max(128);
const gln = z
  .string()
  .trim()
  .regex(/^\d{13}$/, "expected 13 digits")
  .refine(hasValidCheckDigit, { message: "its check digit is wrong" })
  .openapi({ type: "string", pattern: "^\\d{13}$" });
const room = z.number().positive().max(1e12);

const locationFields = {
  name,
  stage: z.enum(STAGES).nullable().optional(),
  parent_id: id.nullable().optional(),
  barcode: code.nullable().optional().describe("what is printed on the label that is there already"),
  gln: gln.nullable().optional().describe("by which partners know it (GS1): EPCIS events name the place so"),
  time_zone: shortText
    .refine(isTimeZone, { message: "expected an IANA time zone such as Europe/Berlin" })
    .nullable()
    .optional(),
  geofence: geofence.nullable().optional(),
  capacity_units: count.nullable().optional().describe("base units of all items together"),
  capacity_litres: room.nullable().optional(),
  capacity_kilograms: room.nullable().optional(),
  kind: locationKind
    .nullable()
    .optional()
    .describe(
      "what it is for. Goods are put away from receiving and quality places: good ones to storage, picking and shop floor, others to quality",
    ),
  storage_category: storageCategory
    .nullable()
    .optional()
    .describe(
      "goods of this category are put away here, and no others; without one, that of the location above counts",
    ),
  ...customInput,
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
    gln: z.string().nullable(),
    time_zone: z.string().nullable(),
    geofence: storedGeofence.nullable(),
    capacity_units: z.number().int().nullable(),
    capacity_litres: z.number().nullable(),
    capacity_kilograms: z.number().nullable(),
    kind: locationKind.nullable(),
    storage_category: z.string().nullable(),
    ...customOutput,
    ...stamps,
  })
  .openapi("Location");
export type Location = z.output<typeof location>;
