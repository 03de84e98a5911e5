import { z } from "zod";
import { measurementTime, sequence } from "./measurement-time.ts";

/** Grams per unit of weight (NIST Handbook 44: the avoirdupois pound is 453.59237 g exactly). */
export const GRAMS_PER_UNIT = { g: 1, kg: 1000, lb: 453.59237, oz: 28.349523125 } as const;

const common = {
  ts: measurementTime,
  seq: sequence.optional(),
  stable: z.boolean().optional().describe("the scale's own stability flag"),
};

/** `devices/{id}/scale`: a gross weight, as `grams` or as `weight` with its unit. Normalized to grams. */
export const scaleReading = z.union([
  z.object({ ...common, grams: z.number().describe("gross weight, grams") }),
  z
    .object({
      ...common,
      weight: z.number().describe("gross weight, in `unit`"),
      unit: z.enum(["g", "kg", "lb", "oz"]),
    })
    .transform(({ weight, unit, ...rest }) => ({ ...rest, grams: weight * GRAMS_PER_UNIT[unit] }))
    .refine(({ grams }) => Number.isFinite(grams), { path: ["weight"], message: "too large to express in grams" }),
]);
