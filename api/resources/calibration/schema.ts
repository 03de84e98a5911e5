import { z } from "@hono/zod-openapi";
import { MIN_PIECES } from "../../../ingest/domain/stock/unit-weight.ts";
import { id, timestamp } from "../../http/fields.ts";

export const newCalibration = z
  .strictObject({
    pieces: z
      .number()
      .int()
      .min(
        MIN_PIECES,
        `at least ${MIN_PIECES} pieces are needed: with fewer, one unusual piece distorts the mean too much`,
      )
      .max(1_000_000)
      .describe("pieces on the scale now, counted by hand"),
  })
  .openapi("NewCalibration");

export const calibration = z
  .object({
    id,
    device_id: z.string(),
    item_id: id,
    pieces: z.number().int(),
    unit_weight_grams: z.number(),
    spread_grams: z
      .number()
      .describe("standard deviation of the unit weight that follows from the noise of the readings"),
    gross_grams: z.number(),
    tare_grams: z.number(),
    readings: z.number().int().describe("number of settled readings it was learnt from"),
    max_reliable_count: z.number().int().describe("highest count that the error of the unit weight cannot make wrong"),
    since: timestamp.describe("from when on counts use it"),
    actor_id: id.nullable(),
    created_at: timestamp,
  })
  .openapi("Calibration");
export type Calibration = z.output<typeof calibration>;
