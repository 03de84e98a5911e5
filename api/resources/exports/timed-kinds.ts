import type { z } from "@hono/zod-openapi";
import { SIGNED_IN } from "../../auth/roles.ts";
import { assertCustomFilter } from "../custom-fields/check-values.ts";
import { listShipments } from "../shipments/list-queries.ts";
import { listQuery as shipmentQuery } from "../shipments/routes.ts";
import { shipment } from "../shipments/schema.ts";
import { listTrips } from "../trips/queries.ts";
import { listQuery as tripQuery } from "../trips/routes.ts";
import { trip } from "../trips/schema.ts";
import { columnsOf, type ExportKind, PAGING, pageOfRows } from "./export-kind.ts";

type Filters<Query extends z.ZodType> = Omit<z.output<Query>, "limit" | "cursor">;

export const SHIPMENTS: ExportKind = {
  name: "shipments",
  access: SIGNED_IN,
  tag: "Shipments",
  summary: "Export shipments as CSV",
  filters: shipmentQuery.omit(PAGING),
  columns: columnsOf(shipment),
  async page({ db }, filters: Filters<typeof shipmentQuery>, after, limit) {
    const { status, stage, profile, late, at_risk: atRisk, risk, q, tags, attributes } = filters;
    if (after === undefined) await assertCustomFilter(db, "shipments", filters);
    const {
      location_id: locationId,
      vehicle_id: vehicleId,
      due_before: dueBefore,
      updated_since: updatedSince,
    } = filters;
    const filter = {
      status,
      stage,
      profile,
      locationId,
      vehicleId,
      dueBefore,
      late,
      atRisk,
      risk,
      updatedSince,
      q,
      tags,
      attributes,
    };
    type Key = NonNullable<Parameters<typeof listShipments>[2]["after"]>;
    const rows = await listShipments(db, filter, { after: after as Key | undefined, limit: limit + 1 });
    const { rows: page, next } = pageOfRows(rows, limit, ({ key }) => key);
    return { rows: (page as unknown as typeof rows).map((each) => ({ ...each.shipment })), next };
  },
};

export const TRIPS: ExportKind = {
  name: "trips",
  access: SIGNED_IN,
  tag: "Trips",
  summary: "Export trips as CSV, in the order in which they begin, planned against actual",
  filters: tripQuery.omit(PAGING),
  columns: columnsOf(trip),
  async page({ db }, filters: Filters<typeof tripQuery>, after, limit) {
    const {
      vehicle_id: vehicleId,
      location_id: locationId,
      shipment_id: shipmentId,
      driver,
      status,
      from,
      to,
    } = filters;
    const filter = { vehicleId, driver, status, locationId, shipmentId, from, to };
    const rows = await listTrips(db, filter, { after: after as [string, number] | undefined, limit: limit + 1 });
    const { rows: page, next } = pageOfRows(rows, limit, ({ key, trip }) => [key, trip.id]);
    return { rows: (page as unknown as typeof rows).map((each) => ({ ...each.trip })), next };
  },
};
