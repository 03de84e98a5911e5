import { z } from "@hono/zod-openapi";
import { ETA_BASES } from "../../../ingest/domain/eta/estimate.ts";
import { ARRIVAL_PROBLEMS } from "../../../ingest/domain/shipment/arrival-estimate.ts";

const isoTime = z
  .string()
  .nullable()
  .openapi({ type: ["string", "null"], format: "date-time" });

/** When a shipment is expected. Times come as text: they are made in SQL. */
export const eta = z
  .object({
    p50: isoTime.describe("half of the runs are there by then; null: not known, and `basis` says why"),
    p90: isoTime.describe("nine of ten are there by then"),
    basis: z.object({
      kind: z
        .enum(ETA_BASES)
        .describe(
          "earlier runs of this lane from where the vehicle is now; the vehicle's speed of the last hour; a guess at 60 km/h; its vehicle is there; or not known",
        ),
      text: z.string().describe("in words"),
      runs: z.number().int().nullable().describe("earlier runs that it follows from"),
      distance_m: z.number().nullable().describe("from the vehicle straight to the destination"),
      speed_mps: z.number().nullable().describe("of the vehicle in the last hour, stops included"),
      problem: z.enum(ARRIVAL_PROBLEMS).nullable().describe("why nothing better is known"),
    }),
    computed_at: isoTime,
    position_at: isoTime.describe("when the position was measured that it follows from"),
  })
  .openapi("Eta");

/** When a vehicle is expected at a stop of its trip. */
export const stopEta = z.object({
  p50: isoTime.describe("half of the runs are there by then; null: not known, and `problem` says why"),
  p90: isoTime.describe("nine of ten are there by then"),
  basis: z.enum(ETA_BASES).describe("the weakest of what it follows from, from where the vehicle is up to this stop"),
  problem: z.enum(ARRIVAL_PROBLEMS).nullable(),
  runs: z.number().int().nullable().describe("earlier runs from the stop before it"),
  computed_at: isoTime,
  position_at: isoTime.describe("when the position was measured that it follows from"),
});

export const promise = z
  .enum(["late", "at_risk", "on_time", "unknown"])
  .nullable()
  .describe(
    "whether it keeps `due_at`. late: the estimate (p50) has passed it for 10 min of the readings' own time, or by more than 30 min, or it has passed and the shipment is not delivered; on time again 15 min before it. at_risk: p90 has passed it. null: not due, or closed",
  );
