import { z } from "@hono/zod-openapi";
import { count, id, nullableTimestamp, timestamp } from "../../http/fields.ts";

export const CYCLE_COUNT_STATES = ["open", "counted", "agreed"] as const;
const stockSource = z.enum(["ledger", "scale", "rfid"]);

export const newCycleCount = z.strictObject({ inventory_item_id: id }).openapi("NewCycleCount");
export const confirmedCount = z
  .strictObject({ quantity: count.describe("counted by a person, in base units") })
  .openapi("ConfirmedCount");

export const cycleCount = z
  .object({
    id,
    inventory_item_id: id,
    item_id: id,
    name: z.string(),
    sku: z.string(),
    location_id: id,
    quantity: z.number().int().describe("the current level"),
    state: z.enum(CYCLE_COUNT_STATES).describe("agreed: the sources came to agree without a count"),
    reason: z.enum(["disagreement", "asked"]),
    suspect: stockSource.nullable().describe("the source that is most likely wrong"),
    source_counts: z
      .partialRecord(stockSource, z.number().int())
      .describe("the count of each source when the cycle count was opened"),
    differs_since: nullableTimestamp,
    counted_quantity: z.number().int().nullable(),
    actor_id: id.nullable(),
    opened_at: timestamp,
    closed_at: nullableTimestamp,
    updated_at: timestamp,
  })
  .openapi("CycleCount");
export type CycleCount = z.output<typeof cycleCount>;
