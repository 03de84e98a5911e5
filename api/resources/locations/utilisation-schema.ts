import { z } from "@hono/zod-openapi";
import { FORECAST_WINDOW_DAYS, MEASURES, MIN_HISTORY_DAYS } from "../../../ingest/domain/stock/capacity.ts";
import { id, nullableTimestamp } from "../../http/fields.ts";

const measure = z.enum(MEASURES);

const measured = {
  capacity: z.number().nullable().describe("null: none is set"),
  used: z.number().describe("by the stock of the location and of everything below it"),
  used_here: z.number().describe("of that, by stock of the location itself"),
  used_below: z.number(),
  percent: z
    .number()
    .nullable()
    .describe(
      "above 100 where more is there than there is room for; of a capacity of 0, 100 for each unit. null: no capacity",
    ),
  units_not_counted: z
    .number()
    .describe(
      "base units of items whose volume (for litres) or weight (for kilograms) is not known: they take room, too",
    ),
};
const usage = z.object(measured);

const shared = {
  id: id.describe("of the location"),
  locations_below: z.number().int().describe("locations that lie in it; their stock counts, too"),
  positions: z.number().int().describe("stock positions there"),
  positions_not_measured: z.number().int().describe("of these, those of which nothing is known yet: not counted"),
  fullest: measure.nullable().describe("the measure that is nearest to its capacity; null: no capacity is set"),
  percent: z.number().nullable().describe("of that measure"),
};

export const utilisation = z
  .object({ ...shared, units: usage, litres: usage, kilograms: usage })
  .openapi("LocationUtilisation");
export type Utilisation = z.output<typeof utilisation>;

const outlook = usage.extend({
  net_inflow: z.number().describe("what came in the window less what left; moves within the location are neither"),
  net_per_day: z.number().nullable().describe("null: insufficient history"),
  full_at: nullableTimestamp.describe(
    "when `used` reaches `capacity` at `net_per_day`; now where it has. null: no capacity, insufficient history, it does not fill, or not within ten years",
  ),
});

export const utilisationForecast = z
  .object({
    ...shared,
    units: outlook,
    litres: outlook,
    kilograms: outlook,
    forecast: z.object({
      full_at: nullableTimestamp.describe("the first of the three"),
      measure: measure.nullable().describe("of which measure"),
      window_days: z.literal(FORECAST_WINDOW_DAYS),
      history_days: z.number().describe("of movements there, the window at most"),
      insufficient_history: z
        .boolean()
        .describe(`under ${MIN_HISTORY_DAYS} days of movements: nothing is said of what will be`),
    }),
  })
  .openapi("LocationUtilisationForecast");
export type UtilisationForecast = z.output<typeof utilisationForecast>;
