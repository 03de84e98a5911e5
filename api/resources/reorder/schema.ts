import { z } from "@hono/zod-openapi";
import { ETA_BASES } from "../../../ingest/domain/eta/estimate.ts";
import { ARRIVAL_PROBLEMS } from "../../../ingest/domain/shipment/arrival-estimate.ts";
import { id, nullableTimestamp } from "../../http/fields.ts";
import { appliedReorderPoint } from "../inventory/schema.ts";

const base = z.number().int().describe("base units");

const arrival = z.object({
  shipment_id: id,
  tracking_number: z.string(),
  order_id: id.nullable(),
  quantity: base,
  vehicle_id: id.nullable(),
  vehicle_name: z.string().nullable(),
  eta: nullableTimestamp.describe("as of the shipment (p50): half of the runs are there by then; null: not known"),
  eta_p90: nullableTimestamp.describe("nine of ten are there by then"),
  basis: z
    .enum(ETA_BASES)
    .describe("what the estimate follows from; a guess (`default`) does not decide whether the goods come in time"),
  problem: z
    .enum(ARRIVAL_PROBLEMS)
    .nullable()
    .describe(
      "why the arrival is not known, or nothing better is known than a guess: no vehicle carries it, the place has no geofence, no position of the last 15 minutes, followed for less than 10 minutes, or it does not move",
    ),
  distance_m: z.number().nullable().describe("from the live position straight to the place"),
  speed_mps: z.number().nullable(),
  observed_minutes: z.number().int().nullable().describe("so much of the last hour was seen"),
  position_at: nullableTimestamp.describe("when the position was measured"),
  in_time: z
    .boolean()
    .describe("false: goods that were ordered now would be there earlier, by the lead time of the supplier"),
});

const awaitedOrder = z.object({
  order_id: id,
  kind: z.enum(["restock", "transfer"]),
  reference: z.string().nullable(),
  quantity: base.describe("of this item, what has not arrived; base units"),
  expected_at: nullableTimestamp.describe("as of the order; null: not known"),
  overdue: z.boolean().describe("it should have come by now, and counts as on order all the same"),
});

/** What is expected at a stock position. */
export const expected = {
  on_order: z.number().int().describe("of approved restock orders, and of transfers to here, what has not arrived"),
  orders: z.array(awaitedOrder).describe("the orders that `on_order` adds up, at most 20, the next first"),
  in_transit: z
    .number()
    .int()
    .describe("shipments to this place that belong to no restock order, without those that come too late"),
  in_transit_late: z
    .number()
    .int()
    .describe("shipments that come later than goods that were ordered now, by their estimates: they do not count"),
  arrivals: z.array(arrival).describe("the shipments on their way to this position, at most 20, the next first"),
  projected: z.number().int().describe("available, on order and in transit"),
};

export const reorderSuggestion = z
  .object({
    id: id.describe("of the stock position"),
    item_id: id,
    name: z.string(),
    sku: z.string(),
    location_id: id,
    unit: z.string(),
    available: base,
    ...expected,
    ...appliedReorderPoint,
    supplier_id: id.nullable(),
    suggested_quantity: z
      .number()
      .int()
      .describe("brings projected stock to twice the reorder point; the supplier's minimum and pack round it up"),
    order_id: id.nullable().describe("the draft that the platform has made for it"),
    insufficient_history: z
      .boolean()
      .describe("under 14 days of movements, or the supplier's lead time is not known: nothing is said of demand"),
    demand: z
      .object({
        history_days: z.number().int(),
        daily_mean: z.number(),
        daily_deviation: z.number(),
        lead_time_days: z.number(),
        z: z.number().describe("of a service level of 95 %"),
        safety_stock: base,
        reorder_point: z.number().int().describe("what demand and lead time would make it"),
        economic_quantity: z.number().int().nullable().describe("null: the item's value is not known"),
      })
      .nullable()
      .describe("of the last 90 days, and what follows from it"),
  })
  .openapi("ReorderSuggestion");
export type ReorderSuggestion = z.output<typeof reorderSuggestion>;
