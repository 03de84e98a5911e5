import { z } from "@hono/zod-openapi";
import type { Pool } from "pg";
import { recordFacts } from "../../../ingest/decisions/record-facts.ts";
import { type NewFact, SHIPMENT_STATUSES, STAGES } from "../../../ingest/domain/fact.ts";
import { parseSscc } from "../../../ingest/domain/gs1/sscc.ts";
import { statusAtRest } from "../../../ingest/domain/place.ts";
import { HANDLING, SIGNED_IN } from "../../auth/roles.ts";
import type { Endpoints } from "../../http/endpoint.ts";
import { dayOrInstant, idParams, queryId } from "../../http/fields.ts";
import { idAfter, pageById, pageParameters } from "../../http/paging.ts";
import { unknownReference } from "../../http/problem.ts";
import { created, list, ok } from "../../http/response.ts";
import { definedColumns, insertRow } from "../../http/rows.ts";
import { findItem } from "../items/queries.ts";
import { personFact, recordForShipment } from "./facts.ts";
import { manualData, resolveLocation } from "./manual-change.ts";
import {
  bindTag,
  DETAIL_COLUMNS,
  getShipment,
  listShipments,
  nextTrackingSerial,
  setShipmentDetails,
} from "./queries.ts";
import { newShipment, shipment, shipmentChange } from "./schema.ts";
import { trackingNumber } from "./tracking-number.ts";

const tag = "Shipments";

const listQuery = z.strictObject({
  status: z.enum(SHIPMENT_STATUSES).optional(),
  stage: z.enum(STAGES).optional(),
  location_id: queryId.optional(),
  updated_since: dayOrInstant.optional(),
  q: z.string().max(255).optional().describe("part of tracking number, product name or reference"),
  ...pageParameters,
});

export function registerShipments(endpoints: Endpoints, pool: Pool, companyPrefix: string | undefined): void {
  endpoints.read(
    {
      route: "GET /shipments",
      access: SIGNED_IN,
      tag,
      summary: "List shipments",
      query: listQuery,
      response: z.array(shipment),
    },
    async ({ query, c }) => {
      const rows = await listShipments(pool, {
        after: idAfter(query.cursor),
        status: query.status,
        stage: query.stage,
        locationId: query.location_id,
        updatedSince: query.updated_since,
        q: query.q,
        limit: query.limit + 1,
      });
      return list(pageById(rows, query.limit), c.req.url);
    },
  );

  endpoints.mutate(
    {
      route: "POST /shipments",
      access: HANDLING,
      tag,
      summary: "Create a shipment",
      body: newShipment,
      response: shipment,
      status: 201,
    },
    async ({ body, principal, c }, client) => {
      const at = body.at ?? new Date();
      const { stage, locationId } = await resolveLocation(client, body.location);
      const item = body.item_id === undefined ? undefined : await findItem(client, body.item_id);
      if (body.item_id !== undefined && !item) throw unknownReference("/item_id", "item");
      const status = statusAtRest(stage, locationId !== null && locationId === body.destination_id);
      const row = {
        ...body,
        product_name: body.product_name ?? item?.name,
        tracking_number: trackingNumber(await nextTrackingSerial(client), companyPrefix),
        status,
        stage,
        stage_since: at,
        location_id: locationId,
        origin_id: locationId,
        created_at: at,
      };
      const id = await insertRow(client, "shipments", row, INSERTED_COLUMNS);
      const sscc = parseSscc(row.tracking_number, companyPrefix);
      // A tag with this SSCC speaks for the shipment, unless somebody has bound it to another one by hand.
      if (sscc?.epc !== undefined) await bindTag(client, id, sscc.epc);
      const createdFact: NewFact = { ...personFact(principal, id, at), type: "created", data: { stage, locationId } };
      await recordFacts(client, { facts: [createdFact] });
      return created(await getShipment(client, id), c.req.url);
    },
  );

  endpoints.read(
    {
      route: "GET /shipments/{id}",
      access: SIGNED_IN,
      tag,
      summary: "Get one shipment",
      params: idParams,
      response: shipment,
    },
    async ({ params }) => ok(await getShipment(pool, params.id)),
  );

  endpoints.mutate(
    {
      route: "PUT /shipments/{id}",
      access: HANDLING,
      tag,
      summary: "Set its status or location by hand, or change its details",
      params: idParams,
      body: shipmentChange,
      response: shipment,
    },
    async ({ params, body, principal, c }, client) => {
      const { status, location, at = new Date(), ...details } = body;
      const place = location === undefined ? undefined : await resolveLocation(client, location);
      const facts: NewFact[] = [];
      if (status !== undefined || place !== undefined) {
        facts.push({
          ...personFact(principal, params.id, at),
          type: "manual",
          data: manualData(status, place),
        });
      }
      await recordForShipment(c, client, params.id, facts, () =>
        setShipmentDetails(client, params.id, definedColumns(details, DETAIL_COLUMNS)),
      );
      return ok(await getShipment(client, params.id));
    },
  );
}

const INSERTED_COLUMNS = [
  "tracking_number",
  "product_name",
  "item_id",
  "quantity",
  "status",
  "stage",
  "stage_since",
  "location_id",
  "origin_id",
  "created_at",
  ...DETAIL_COLUMNS,
];
