import { z } from "@hono/zod-openapi";
import { READING_KIND_NAMES } from "../../../ingest/domain/reading-kinds.ts";
import { timestamp } from "../../http/fields.ts";

export const reading = z
  .looseObject({
    ts: timestamp,
    received_at: timestamp,
    kind: z.enum(READING_KIND_NAMES),
    seq: z.number().int().optional(),
    quality: z.string().describe("ok, approx, outlier or nofix"),
    late: z.boolean(),
  })
  .openapi("Reading");
