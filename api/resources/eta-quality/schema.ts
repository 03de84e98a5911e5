import { z } from "@hono/zod-openapi";
import { id, nullableTimestamp, timestamp } from "../../http/fields.ts";

const minutes = z.number().describe("minutes");

/** How good the estimates of one lane were, made at one horizon. */
export const etaQuality = z
  .object({
    id: z.string().describe("of the row: origin, destination and horizon"),
    origin_id: id,
    origin_name: z.string(),
    destination_id: id,
    destination_name: z.string(),
    horizon_minutes: z
      .number()
      .int()
      .describe("made when so many minutes at most were left: 15, 30, 60, 120, 240, 480 or 1440"),
    estimates: z.number().int().describe("whose vehicle has arrived since, the newest 100 at most"),
    by_lane_history: z.number().int().describe("so many of them followed from the history of the lane"),
    median_error_minutes: minutes.describe("half of them were wrong by less, minutes"),
    median_error_percent: z.number().describe("… of the time that was left then, percent"),
    median_bias_minutes: minutes.describe("above 0: vehicles come later than estimated, minutes"),
    p90_coverage_percent: z.number().describe("so many arrived by p90, percent; 90 would be right"),
    first_at: timestamp.describe("of the oldest of these estimates"),
    last_at: nullableTimestamp.describe("of the newest"),
  })
  .openapi("EtaQuality");
export type EtaQuality = z.output<typeof etaQuality>;
