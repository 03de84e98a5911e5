import { z } from "@hono/zod-openapi";
import { id, nullableTimestamp, stamps, timestamp } from "../../http/fields.ts";

export const PIECE_STATES = ["there", "picked", "left", "unseen", "aboard"] as const;

export const serial = z
  .object({
    id,
    item_id: id,
    name: z.string().describe("of the item"),
    sku: z.string(),
    gtin: z.string().describe("14 digits"),
    serial: z.string(),
    lot: z.string().nullable(),
    lot_id: id.nullable(),
    epc: z.string().nullable().describe("of its tag, once that was read"),
    state: z
      .enum(PIECE_STATES)
      .nullable()
      .describe(
        "there: at the location; picked: a person took it from there; left: read going out of there; unseen: no longer read there; aboard: on a vehicle",
      ),
    location_id: id.nullable().describe("where it is, or was last"),
    vehicle_id: id.nullable(),
    since: nullableTimestamp,
    ...stamps,
  })
  .openapi("Serial");
export type Serial = z.output<typeof serial>;

export const SERIAL_EVENTS = ["received", "picked", "came", "left", "aboard", "unseen", "passed"] as const;

export const serialEvent = z
  .object({
    id: z.number().int(),
    at: timestamp,
    event: z
      .enum(SERIAL_EVENTS)
      .describe(
        "received, picked: by a scan; came, left, aboard, unseen: by reads of its tag; passed: read, the direction is not known",
      ),
    repeats: z.boolean().describe("it says again what was known: the piece counts once"),
    location_id: id.nullable(),
    vehicle_id: id.nullable(),
    device_id: z.string().nullable().describe("the scanner or reader"),
    actor_id: id.nullable().describe("the person"),
    lot: z.string().nullable(),
    confidence: z.number(),
  })
  .openapi("SerialEvent");
export type SerialEvent = z.output<typeof serialEvent>;
