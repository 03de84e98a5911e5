import { z } from "@hono/zod-openapi";
import { pageParameters } from "../../http/paging.ts";
import { id, timestamp } from "../../http/fields.ts";

/** Facts about a stock position, by their names in the record. */
const STOCK_EVENT_TYPES = ["counted", "adjusted", "unexplained_removal"] as const;

export const stockEventsQuery = z.strictObject({ type: z.enum(STOCK_EVENT_TYPES).optional(), ...pageParameters });

/** Where a page of events ends: time and id of its last. */
export const stockEventCursor = z.tuple([z.iso.datetime(), z.number().int().min(0)]);

export const stockEvent = z
  .object({
    id: z.number().int(),
    at: timestamp,
    type: z.enum(STOCK_EVENT_TYPES),
    source: z.string().nullable().describe("who counted: scale, rfid, person, ledger"),
    quantity: z.number().int().nullable().describe("counted; or taken without a word"),
    change: z.number().int().nullable().describe("pieces put (positive) or taken since the count before"),
    before: z.number().int().nullable().describe("of a removal: the count before it"),
    after: z.number().int().nullable().describe("of a removal: the count after it"),
    reason: z.string().nullable(),
    rule: z.string(),
    evidence: z.array(z.unknown()),
    confidence: z.number(),
    actor_id: id.nullable(),
    device_id: z.string().nullable(),
    recorded_at: timestamp,
  })
  .openapi("StockEvent");
export type StockEvent = z.output<typeof stockEvent>;
