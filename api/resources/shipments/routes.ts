import { z } from "@hono/zod-openapi";
import { type NewFact, SHIPMENT_STATUSES, STAGES } from "../../../ingest/domain/fact.ts";
import type { Reader } from "../../auth/limits.ts";
import { HANDLING, SIGNED_IN } from "../../auth/roles.ts";
import type { Endpoints } from "../../http/endpoint.ts";
import { dayOrInstant, idParams, queryFlag, queryId } from "../../http/fields.ts";
import { decodeCursor, pageOf, pageParameters } from "../../http/paging.ts";
import { assertParties, assertReferences, ownerWithin } from "../../http/references.ts";
import { created, list, ok, okLive } from "../../http/response.ts";
import { definedColumns, wordArray } from "../../http/rows.ts";
import { assertCustomFilter, assertCustomValues } from "../custom-fields/check-values.ts";
import { PROFILES } from "../conditions/fields.ts";
import { customFilters } from "../custom-fields/fields.ts";
import { createShipment } from "./create-shipment.ts";
import { personFact, recordForShipment } from "./facts.ts";
import { cursorOf, listShipments, orderOf } from "./list-queries.ts";
import { manualData, resolveLocation } from "./manual-change.ts";
import { checkStatusChange } from "./status-change.ts";
import { DETAIL_COLUMNS, getShipment, setShipmentDetails } from "./queries.ts";
import { hasHadAlerts, riskFilter } from "./risks.ts";
import { newShipment, type Shipment, shipment, shipmentChange } from "./schema.ts";

const tag = "Shipments";

export const listQuery = z.strictObject({
  status: z.enum(SHIPMENT_STATUSES).optional(),
  stage: z.enum(STAGES).optional(),
  location_id: queryId.optional(),
  vehicle_id: queryId.optional(),
  profile: z.enum(PROFILES).optional(),
  due_before: dayOrInstant.optional().describe("sorted by when they are due"),
  late: queryFlag
    .optional()
    .describe(
      "under way, and the estimate has passed `due_at` for 10 min of the readings' own time, or by more than 30 min, or `due_at` has passed; sorted by when they are due",
    ),
  at_risk: queryFlag
    .optional()
    .describe("not late, and p90 of the estimate has passed `due_at`; sorted by when they are due"),
  risk: riskFilter,
  updated_since: dayOrInstant
    .optional()
    .describe("sorted by when they changed: one that changes while pages are read comes again"),
  q: z
    .string()
    .max(255)
    .optional()
    .describe(
      "part of tracking number, product name or reference; or its number, or the SSCC of a unit, in any spelling: bare, (00)…, Digital Link, EPC",
    ),
  ...customFilters,
  ...pageParameters,
});

export function registerShipments(endpoints: Endpoints, companyPrefix: string | undefined): void {
  endpoints.read(
    {
      route: "GET /shipments",
      access: SIGNED_IN,
      tag,
      summary: "List shipments",
      query: listQuery,
      response: z.array(shipment),
      cachedBy: "shipments",
    },
    async ({ query, c, db }) => {
      const { limit, cursor, status, stage, profile, late, at_risk: atRisk, risk, q, tags, attributes } = query;
      await assertCustomFilter(db, "shipments", query);
      const { location_id: locationId, vehicle_id: vehicleId } = query;
      const { due_before: dueBefore, updated_since: updatedSince } = query;
      const span = { dueBefore, late, atRisk, updatedSince };
      const filter = { status, stage, profile, locationId, vehicleId, risk, ...span, q, tags, attributes };
      const after = decodeCursor(cursor, cursorOf(orderOf(filter)));
      const page = pageOf(await listShipments(db, filter, { after, limit: limit + 1 }), limit, ({ key }) => key);
      return list({ ...page, rows: page.rows.map(({ shipment }) => shipment) }, c.req.url);
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
      await assertCustomValues(client, "shipments", { id: null, change: body });
      const id = await createShipment(client, principal, body, companyPrefix);
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
      cachedBy: "shipments",
    },
    async ({ params, db }) => {
      const shipment = await getShipment(db, params.id);
      return (await isLive(db, shipment)) ? okLive(shipment) : ok(shipment);
    },
  );

  endpoints.mutate(
    {
      route: "PUT /shipments/{id}",
      access: HANDLING,
      tag,
      summary: "Set its status or location by hand, or change its details",
      params: idParams,
      audited: { table: "shipments", read: (client, { id }) => getShipment(client, id) },
      body: shipmentChange,
      response: shipment,
    },
    async ({ params, body, principal, c }, client) => {
      const { status, location, at = new Date(), ...details } = body;
      const before = await getShipment(client, params.id);
      await assertReferences(client, "orders", [{ pointer: "/order_id", id: details.order_id }]);
      await assertReferences(client, "locations", [{ pointer: "/destination_id", id: details.destination_id }]);
      if (details.owner_id !== undefined) ownerWithin(principal.limits, details.owner_id);
      await assertParties(client, "owner", [{ pointer: "/owner_id", id: details.owner_id }]);
      await assertCustomValues(client, "shipments", { id: params.id, change: details });
      const place = location === undefined ? undefined : await resolveLocation(client, location, principal.limits);
      const facts: NewFact[] = [];
      if (status !== undefined || place !== undefined) {
        const { destination_id: destinationId = before.destination_id } = details;
        await checkStatusChange(
          client,
          { id: params.id, destination_id: destinationId },
          { status, place, at: body.at },
        );
        facts.push({
          ...personFact(principal, params.id, at),
          type: "manual",
          data: manualData(status, place),
        });
      }
      await recordForShipment(c, client, params.id, facts, () =>
        setShipmentDetails(
          client,
          params.id,
          definedColumns({ ...details, profiles: wordArray(details.profiles) }, DETAIL_COLUMNS),
        ),
      );
      return ok(await getShipment(client, params.id));
    },
  );
}

/** When it is expected, and whether that keeps its promise, follows the clock and its vehicle; its risks follow its alerts. */
const isLive = async (db: Reader, { id, eta, promise, vehicle_id }: Shipment): Promise<boolean> =>
  promise !== null || (eta !== null && vehicle_id !== null) || hasHadAlerts(db, id);
