import { z } from "@hono/zod-openapi";
import { SENSOR_PROBLEMS } from "../../../ingest/domain/fact.ts";
import { count, id, nullableTimestamp, timestamp } from "../../http/fields.ts";

export const CYCLE_COUNT_STATES = ["open", "counted", "agreed"] as const;
const CYCLE_COUNT_REASONS = [
  "disagreement",
  "asked",
  "scheduled",
  "overdrawn",
  "overflow",
  ...SENSOR_PROBLEMS,
  "reader_silent",
] as const;
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
    state: z
      .enum(CYCLE_COUNT_STATES)
      .describe(
        "counted: a person has counted since, here, by setting the level, with a scanner or in an import. agreed: the sources came to agree, or the sensor can be believed again, without a count",
      ),
    reason: z
      .enum(CYCLE_COUNT_REASONS)
      .describe(
        "why to count: the sources disagree, somebody asked, or the problem of a sensor that cannot be believed",
      ),
    suspect: stockSource.nullable().describe("the source that is most likely wrong"),
    source_counts: z
      .partialRecord(stockSource, z.number().int())
      .describe("the count of each source when the cycle count was opened"),
    differs_since: nullableTimestamp.describe("since when the sources disagree, or the sensor cannot be believed"),
    device_id: z.string().nullable().describe("the sensor that cannot be believed"),
    detail: z.string().nullable().describe("what was observed"),
    counted_quantity: z.number().int().nullable(),
    actor_id: id.nullable().describe("who counted; null: nobody yet, a scanner or a system"),
    opened_at: timestamp,
    closed_at: nullableTimestamp.describe("when it was counted, or the reason to count was gone"),
    updated_at: timestamp,
  })
  .openapi("CycleCount");
export type CycleCount = z.output<typeof cycleCount>;
