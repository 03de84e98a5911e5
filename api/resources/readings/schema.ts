import { z } from "@hono/zod-openapi";
import { KINDS } from "../../../broker/contract/readings.ts";
import { timestamp } from "../../http/fields.ts";

export const READING_KINDS = [...KINDS, "status"] as const;
export type ReadingKind = (typeof READING_KINDS)[number];

export const reading = z
  .looseObject({
    ts: timestamp,
    received_at: timestamp,
    kind: z.enum(READING_KINDS),
    seq: z.number().int().optional(),
    quality: z.string().describe("ok, approx, outlier or nofix"),
    late: z.boolean(),
  })
  .openapi("Reading");
