import { z } from "@hono/zod-openapi";
import { SHIPMENT_STATUSES, STAGES } from "../../../ingest/domain/fact.ts";
import type { Reader } from "../../auth/limits.ts";
import { id, queryId, timestamp } from "../../http/fields.ts";
import { Conditions } from "../../http/lists/conditions.ts";
import { decodeCursor, type Page, pageOf } from "../../http/paging.ts";
import { filters, hoursOf, itemFilter, type Report, whereWithin } from "./report.ts";

const row = z
  .object({
    shipment_id: id,
    tracking_number: z.string(),
    product_name: z.string(),
    item_id: id.nullable(),
    stage: z.enum(STAGES),
    status: z.enum(SHIPMENT_STATUSES),
    location_id: id.nullable().describe("null: on a vehicle on the road, or nobody knows"),
    location_name: z.string().nullable(),
    vehicle_id: id.nullable(),
    quantity_units: z.number().int(),
    stage_since: timestamp,
    hours_in_stage: z.number().describe("until `as_of`"),
    as_of: timestamp,
  })
  .openapi("ShipmentInventoryRow");

const query = z.strictObject({
  ...filters,
  ...itemFilter,
  shipment_id: queryId.optional(),
  status: z.enum(SHIPMENT_STATUSES).optional().describe("without it, all that are not cancelled"),
});

async function page(
  db: Reader,
  asked: z.output<typeof query>,
  cursor: string | undefined,
  limit: number,
): Promise<Page<z.output<typeof row>>> {
  const { stage, location_id: locationId, item_id: itemId, shipment_id: shipmentId, status } = asked;
  const after = decodeCursor(cursor, z.tuple([z.number().int(), z.number().int()]));
  const conditions = new Conditions()
    .where("s.id >= ?", after?.[0])
    .where("s.id = ?", shipmentId)
    .where("s.stage = ?", stage)
    .where("s.item_id = ?", itemId)
    .where("s.status = ?", status)
    .is("s.status <> 'cancelled'", status === undefined ? true : undefined);
  whereWithin(conditions, "i.location_id", locationId);
  if (after !== undefined) {
    const [shipment, place] = [conditions.parameter(after[0]), conditions.parameter(after[1])];
    conditions.is(`(s.id, coalesce(i.location_id, 0)) > (${shipment}::int, ${place}::int)`, true);
  }
  const { rows } = await db.query<z.output<typeof row>>(
    `SELECT s.id AS shipment_id, s.tracking_number, s.product_name, s.item_id, s.stage, s.status, i.location_id,
      l.name AS location_name, s.vehicle_id, coalesce(i.quantity, s.quantity) AS quantity_units, s.stage_since,
      round((${hoursOf("now() - s.stage_since")})::numeric, 3)::float8 AS hours_in_stage, now() AS as_of
    FROM shipments s ${locationId === undefined ? "LEFT " : ""}JOIN inventory i ON i.shipment_id = s.id
      LEFT JOIN locations l ON l.id = i.location_id
    ${conditions.sql} ORDER BY s.id, coalesce(i.location_id, 0) LIMIT ${conditions.parameter(limit + 1)}`,
    conditions.values,
  );
  return pageOf(rows, limit, (last) => [last.shipment_id, last.location_id ?? 0]);
}

export const inventory: Report<typeof query> = {
  kind: "inventory",
  question: "Which goods of which shipment are in which stage, and where?",
  query,
  row,
  page,
};
