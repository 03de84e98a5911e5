import { z } from "@hono/zod-openapi";
import { id, instant, nullableTimestamp, timestamp } from "../../http/fields.ts";

export const newTag = z
  .strictObject({
    epc: z.string().trim().min(1).max(256).describe("hex or EPC URI"),
    since: instant
      .optional()
      .describe(
        "from when on its reads are those of this shipment. By default always; for a tag of a shipment that is closed, since this one was created",
      ),
  })
  .openapi("NewTag");
export const boundTags = z
  .array(
    z.object({
      epc: z.string(),
      bound_at: timestamp,
      shipment_id: id.optional(),
      since: nullableTimestamp.describe("null: always"),
      until: nullableTimestamp.describe("null: still"),
      handling_unit_id: id.nullable().describe("the unit whose tag it is; null: it was bound by hand"),
    }),
  )
  .openapi("Tags");
