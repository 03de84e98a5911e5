import { z } from "@hono/zod-openapi";
import { id } from "../../http/fields.ts";
import { movement } from "../movements/schema.ts";

const quantity = z.number().int().min(1).max(2_147_483_647);

export const putAwaySuggestion = z
  .object({
    id: id.describe("of the stock position"),
    item_id: id,
    name: z.string(),
    sku: z.string(),
    condition: z.string(),
    storage_category: z.string().nullable(),
    unit: z.string().describe("the base unit"),
    quantity: z.number().int().describe("to be put away: what lies here and is not reserved, in base units"),
    places: z
      .array(
        z.object({
          location_id: id,
          name: z.string(),
          code: z.string().describe("what the label of the place says"),
          quantity: z.number().int(),
          reasons: z.array(z.string()).describe("why there, in words"),
        }),
      )
      .describe("where to put how many, best first"),
    unplaced: z.number().int().describe("what no place was found for"),
    problem: z.string().nullable().describe("why, in words"),
  })
  .openapi("PutAwaySuggestion");
export type PutAwaySuggestion = z.output<typeof putAwaySuggestion>;

export const newPutAway = z
  .strictObject({
    inventory_item_id: id.describe("the stock position whose goods are put away"),
    quantity: quantity.optional().describe("base units; all that is to be put away by default"),
    location_id: id.optional().describe("where they were put"),
    code: z.string().trim().min(1).max(255).optional().describe("or what was scanned there: the label of the place"),
  })
  .refine(({ location_id: location, code }) => (location === undefined) !== (code === undefined), {
    path: ["code"],
    message: "name the place by location_id, or by the code that was scanned there",
  })
  .openapi("NewPutAway");
export type NewPutAway = z.output<typeof newPutAway>;

export const putAway = z
  .object({
    location_id: id.describe("where the goods are now"),
    location_name: z.string(),
    quantity: z.number().int(),
    left: z.number().int().describe("what is still to be put away of this stock position"),
    movement: movement.describe("of the goods, where they were"),
  })
  .openapi("PutAway");
export type PutAway = z.output<typeof putAway>;
