import { z } from "@hono/zod-openapi";
import { id, nullableTimestamp } from "../../http/fields.ts";

export const packingScale = z
  .object({
    id: z.string().describe("of the device"),
    name: z.string().nullable(),
    location_id: id.describe("where it stands"),
    location_name: z.string(),
    weight_grams: z.number().nullable().describe("gross, as it told last; null: it has not reported yet"),
    stable: z.boolean().nullable().describe("whether the scale says that the weight is stable; null: it does not say"),
    measured_at: nullableTimestamp,
  })
  .openapi("PackingScale");
export type PackingScale = z.output<typeof packingScale>;
