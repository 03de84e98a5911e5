import { z } from "@hono/zod-openapi";
import { SENSOR_PROBLEMS } from "../../../ingest/domain/fact.ts";
import { count, id, nullableTimestamp } from "../../http/fields.ts";

export const STOCK_SOURCES = ["ledger", "scale", "rfid"] as const;

export const newInventoryItem = z
  .strictObject({
    item_id: id,
    location_id: id,
    quantity: count.optional(),
    reorder_point: count.optional(),
    source: z.enum(STOCK_SOURCES).optional(),
  })
  .openapi("NewInventoryItem");
export const inventoryItemChange = z
  .strictObject({
    quantity: count.optional(),
    reorder_point: count.optional(),
    source: z.enum(STOCK_SOURCES).optional(),
  })
  .openapi("InventoryItemChange");
export const reorderPoint = z.strictObject({ reorder_point: count }).openapi("ReorderPoint");

const suspectSensor = z
  .object({
    source: z.enum(["scale", "rfid"]),
    problem: z.enum([...SENSOR_PROBLEMS, "reader_silent"]),
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
    quantity: z.number().int(),
    unit: z.string(),
    reserved: z.number().int(),
    available: z.number().int(),
    condition: z.string(),
    location_id: id,
    reorder_point: z.number().int(),
    source: z.enum(STOCK_SOURCES),
    measured_at: nullableTimestamp,
    stale: z.boolean().describe("the last count stands, but its sensor is suspect"),
    suspect: suspectSensor.nullable().describe("the sensor that cannot be believed now, or has fallen silent"),
  })
  .openapi("InventoryItem");
export type InventoryItem = z.output<typeof inventoryItem>;
