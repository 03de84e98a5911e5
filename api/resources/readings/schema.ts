import { z } from "@hono/zod-openapi";
import { READING_KIND_NAMES } from "../../../ingest/domain/reading-kinds.ts";
import { count, timestamp } from "../../http/fields.ts";

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

/** All readings of one hour together: mean, minimum and maximum of each value. */
export const hourOfReadings = z
  .looseObject({ ts: timestamp.describe("beginning of the hour"), kind: z.enum(READING_KIND_NAMES), count })
  .openapi("HourOfReadings");
