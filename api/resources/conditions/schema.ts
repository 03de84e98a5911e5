import { z } from "@hono/zod-openapi";
import { CONDITION_QUANTITIES } from "../../../ingest/domain/fact.ts";
import { id, nullableTimestamp, timestamp } from "../../http/fields.ts";

const minutes = z.number();
const quantity = z.enum(CONDITION_QUANTITIES);
const extreme = z.object({ value: z.number(), at: timestamp, device_id: z.string() }).nullable();

const quantityFigures = z.object({
  quantity,
  unit: z.enum(["°C", "relative humidity", "g"]).describe("relative humidity: 0 to 1"),
  allowed: z.object({ min: z.number().nullable(), max: z.number().nullable(), minutes }),
  verdict: z
    .enum(["in_range", "out_of_range", "gaps", "not_measured", "no_limit"])
    .describe(
      "`gaps`: never outside as far as it was measured, but for a time it was not; `no_limit`: the shipment sets no limits, and it was measured",
    ),
  minutes_measured: minutes.nullable().describe("null: a shock lasts no time"),
  minutes_in_range: minutes.nullable().describe("null also: there is no limit"),
  minutes_out_of_range: minutes.nullable().describe("every minute counts, also of times too short for an excursion"),
  minutes_in_gaps: minutes.nullable().describe("nobody knows what it was: neither in nor out of range"),
  readings_out_of_range: z.number().int(),
  lowest: extreme,
  highest: extreme,
  mean_kinetic_temperature: z
    .object({ celsius: z.number(), window_hours: z.number(), from: timestamp, to: timestamp })
    .nullable()
    .describe(
      "of the worst window: 24 h where 8 °C or less are allowed, 30 days else, the whole time when that is shorter",
    ),
  readings: z.number().int(),
  last_reading_at: nullableTimestamp,
  age_s: z.number().nullable().describe("seconds since the last reading"),
});
export type QuantityFigures = z.output<typeof quantityFigures>;

const excursion = z.object({
  quantity,
  device_id: z.string(),
  from: timestamp,
  to: nullableTimestamp.describe("null: it goes on"),
  worst: z.number(),
});
const gap = z.object({ quantity, from: timestamp, to: timestamp });

export const conditionReport = z
  .object({
    shipment_id: id,
    tracking_number: z.string(),
    product_name: z.string(),
    from: nullableTimestamp.describe("since when a probe was with it; null: none was"),
    to: nullableTimestamp,
    generated_at: timestamp,
    gap_minutes: z
      .number()
      .nullable()
      .describe("a longer silence is a gap; null: it sets no limits, and nothing was measured"),
    quantities: z
      .array(quantityFigures)
      .describe("of which it sets limits; where it sets none at all, those that were measured"),
    excursions: z.array(excursion).describe("longer outside than allowed, oldest first; at most 500"),
    excursion_count: z.number().int(),
    gaps: z.array(gap).describe("oldest first; at most 500"),
    gap_count: z.number().int(),
    probes: z.array(
      z.object({
        device_id: z.string(),
        mounted_on: z.enum(["shipment", "vehicle", "location"]),
        from: timestamp,
        to: nullableTimestamp.describe("null: it still is"),
        readings: z.number().int(),
      }),
    ),
    series: z
      .array(
        z.object({
          device_id: z.string(),
          quantity,
          points: z
            .array(
              z
                .tuple([z.number(), z.number(), z.number()])
                .openapi({ type: "array", items: { type: "number" }, minItems: 3, maxItems: 3 }),
            )
            .describe("epoch milliseconds, lowest and highest value of that part of the time; at most 400"),
        }),
      )
      .describe("to draw them"),
  })
  .openapi("ConditionReport");
export type ConditionReport = z.output<typeof conditionReport>;
