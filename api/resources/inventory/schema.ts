import { z } from "@hono/zod-openapi";
import { SENSOR_PROBLEMS } from "../../../ingest/domain/fact.ts";
import { count, id, nullableTimestamp } from "../../http/fields.ts";

export const STOCK_SOURCES = ["ledger", "scale", "rfid"] as const;

const ownReorderPoint = count
  .nullable()
  .describe("of its own; 0: no reorder. null: none, so that of the same item at the nearest location above applies");

export const newInventoryItem = z
  .strictObject({
    item_id: id,
    location_id: id,
    quantity: count.optional(),
    reorder_point: ownReorderPoint.optional(),
    source: z.enum(STOCK_SOURCES).optional(),
    owner_id: id.nullable().optional(),
    condition: z
      .enum(["good", "damaged", "hold"])
      .default("good")
      .describe("goods that are damaged or on hold are stock positions of their own"),
  })
  .openapi("NewInventoryItem");
export const inventoryItemChange = z
  .strictObject({
    quantity: count.optional(),
    reorder_point: ownReorderPoint.optional(),
    source: z.enum(STOCK_SOURCES).optional(),
  })
  .openapi("InventoryItemChange");
export const reorderPoint = z.strictObject({ reorder_point: ownReorderPoint }).openapi("ReorderPoint");

/** What applies, and where it comes from. */
export const appliedReorderPoint = {
  reorder_point: z.number().int().describe("the one that applies: its own, else the inherited one; 0: no reorder"),
  reorder_point_source: z
    .enum(["own", "inherited", "none"])
    .describe("none: neither this position has one nor one of the same item and owner above it; 0 applies"),
  reorder_point_location_id: id
    .nullable()
    .describe("whose position has it; null for none, and for a location that you may not see"),
};

const suspectSensor = z
  .object({
    source: z.enum(STOCK_SOURCES),
    problem: z
      .enum([...SENSOR_PROBLEMS, "reader_silent", "overdrawn", "overflow"])
      .describe(
        "of the ledger: overdrawn, when more was taken than was known to be here, and overflow, when more was put here than can be counted",
      ),
    since: z.string().openapi({ format: "date-time" }),
    device_id: z.string().nullable(),
    detail: z.string().describe("what was observed"),
  })
  .openapi("SuspectSensor");

export const inventoryItem = z
  .object({
    id,
    item_id: id,
    name: z.string(),
    sku: z.string(),
    owner_id: id.nullable(),
    quantity: z.number().int().min(0).describe("never below zero: what is taken beyond it is an `overdrawn` suspect"),
    unit: z.string(),
    reserved: z.number().int(),
    available: z.number().int(),
    condition: z.string(),
    location_id: id,
    ...appliedReorderPoint,
    source: z.enum(STOCK_SOURCES),
    measured_at: nullableTimestamp.describe("null: not measured yet; the quantity is then 0 and says nothing"),
    confidence: z
      .number()
      .nullable()
      .describe(
        "0 to 1, of the last count of the sensor that governs; null: people or the ledger say how many there are, or nothing was measured",
      ),
    stale: z.boolean().describe("the last count stands, but its sensor is suspect"),
    suspect: suspectSensor
      .nullable()
      .describe("what cannot be believed now: a sensor, a reader that has fallen silent, an overdrawn ledger"),
  })
  .openapi("InventoryItem");
export type InventoryItem = z.output<typeof inventoryItem>;
