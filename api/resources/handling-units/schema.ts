import { z } from "@hono/zod-openapi";
import { id, idParams, instant, nullableTimestamp, queryId, timestamp } from "../../http/fields.ts";
import { lotNumber } from "../lots/schema.ts";

const contents = z
  .array(
    z.strictObject({
      item_id: id,
      quantity: z.number().int().min(1).max(1_000_000_000).describe("base units"),
      lot: lotNumber.optional().describe("of which lot all of it is; one that is not known yet is added"),
    }),
  )
  .max(1000);
const sscc = z.string().trim().min(1).max(256);

export const newHandlingUnit = z
  .strictObject({
    sscc: sscc.describe("18 digits, or its EPC as URI or hex"),
    parent: sscc.nullable().optional().describe("SSCC of the unit it is packed in and moves with"),
    contents: contents.optional(),
    packed_at: instant.optional().describe("from when on its tag speaks for the shipment; always by default"),
  })
  .openapi("NewHandlingUnit");

export const unpacking = z.strictObject({ at: instant.optional() }).openapi("Unpacking");

export const unitParams = idParams.extend({
  unit_id: queryId.openapi({ type: "integer", param: { name: "unit_id", in: "path" } }),
});

export const handlingUnit = z
  .object({
    id,
    shipment_id: id,
    sscc: z.string(),
    epc: z.string().nullable().describe("pure identity URI; null when the length of the company prefix is not known"),
    parent: z.string().nullable().describe("SSCC of the unit it is packed in"),
    contents: z.array(z.object({ item_id: id, quantity: z.number().int(), lot: z.string().optional() })),
    packed_at: nullableTimestamp.describe("null: always"),
    unpacked_at: nullableTimestamp.describe("null: still packed"),
    created_at: timestamp,
    updated_at: timestamp,
  })
  .openapi("HandlingUnit");
export type HandlingUnit = z.output<typeof handlingUnit>;
