import { z } from "@hono/zod-openapi";
import { dayOrInstant, id, timestamp } from "../../http/fields.ts";
import { pageParameters } from "../../http/paging.ts";

/** Types of facts about a stock position. */
const STOCK_EVENT_TYPES = [
  "counted",
  "lot_counted",
  "adjusted",
  "unexplained_removal",
  "sensor_suspect",
  "sensor_trusted",
] as const;

export const stockEventsQuery = z.strictObject({
  type: z.enum(STOCK_EVENT_TYPES).optional(),
  from: dayOrInstant.optional().describe("inclusive"),
  to: dayOrInstant.optional().describe("exclusive"),
  ...pageParameters,
});

/** Cursor of events: time and id of the last one on the page. */
export const stockEventCursor = z.tuple([z.iso.datetime(), z.number().int().min(0)]);

export const stockEvent = z
  .object({
    id: z.number().int(),
    at: timestamp,
    type: z.enum(STOCK_EVENT_TYPES),
    source: z.string().nullable().describe("which source counted: scale, rfid, person, ledger"),
    quantity: z.number().int().nullable().describe("pieces counted, or pieces taken without explanation"),
    lot: z.string().nullable().describe("of a count of one lot: which"),
    change: z.number().int().nullable().describe("pieces added (positive) or taken since the previous count"),
    before: z.number().int().nullable().describe("of a removal: the count before it"),
    after: z.number().int().nullable().describe("of a removal: the count after it"),
    reason: z.string().nullable().describe("of an adjustment, or the problem of a sensor that cannot be believed"),
    rule: z.string(),
    evidence: z.array(z.unknown()),
    confidence: z.number(),
    actor_id: id.nullable(),
    device_id: z.string().nullable(),
    recorded_at: timestamp,
  })
  .openapi("StockEvent");
export type StockEvent = z.output<typeof stockEvent>;
