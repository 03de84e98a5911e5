import { z } from "@hono/zod-openapi";
import { DEFAULT_WIDTH_M } from "../../../ingest/domain/risks/corridor.ts";
import { DEFAULT_GAP_MINUTES, DEFAULT_MINUTES } from "../../../ingest/domain/conditions/bands.ts";

export const PROFILES = ["time_sensitive", "high_value", "cold_chain"] as const;

export const profiles = z
  .array(z.enum(PROFILES))
  .max(PROFILES.length)
  .refine((given) => new Set(given).size === given.length, { message: "each profile once" })
  .describe("what people care about; `high_value` and `cold_chain` bring alerts of their own");

const minutes = z.number().min(0).max(1_440).optional();

/** A band of one quantity: at least one limit, and the lower one below the upper one. */
const band = (lowest: number, highest: number, unit: string) =>
  z
    .strictObject({
      min: z.number().min(lowest).max(highest).optional().describe(unit),
      max: z.number().min(lowest).max(highest).optional().describe(unit),
      minutes: minutes.describe(`longer than this outside is an excursion; ${DEFAULT_MINUTES} by default`),
    })
    .refine(({ min, max }) => min !== undefined || max !== undefined, {
      path: ["max"],
      message: "expected min, max or both",
    })
    .refine(({ min, max }) => min === undefined || max === undefined || min < max, {
      path: ["max"],
      message: "expected more than min",
    });

/** What a shipment asks of the way it travels. */
export const conditions = z
  .strictObject({
    celsius: band(-273.15, 1_000, "degrees Celsius").optional(),
    humidity: band(0, 1, "relative humidity, 0 to 1").optional(),
    shock: z.strictObject({ max: z.number().positive().max(100_000).describe("g") }).optional(),
    gap_minutes: z
      .number()
      .min(1)
      .max(1_440)
      .optional()
      .describe(`a longer silence is a gap, neither inside nor outside; ${DEFAULT_GAP_MINUTES} by default`),
  })
  .refine(({ celsius, humidity, shock }) => celsius ?? humidity ?? shock, {
    path: ["celsius"],
    message: "expected a limit of celsius, humidity or shock",
  })
  .openapi("Conditions");

/** The way that goods of high value are to take: leaving it is alerted. */
export const route = z
  .strictObject({
    type: z.literal("LineString"),
    coordinates: z
      .array(
        z
          .tuple([z.number().min(-180).max(180), z.number().min(-90).max(90)])
          .openapi({ type: "array", items: { type: "number" }, minItems: 2, maxItems: 2 }),
      )
      .min(2)
      .max(2_000)
      .describe("[longitude, latitude] each"),
    width_m: z
      .number()
      .min(100)
      .max(100_000)
      .optional()
      .describe(`how far beside the line is still on the way, metres; ${DEFAULT_WIDTH_M} by default`),
  })
  .openapi("PlannedRoute");
