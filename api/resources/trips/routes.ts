import { z } from "@hono/zod-openapi";
import type { Pool, PoolClient } from "pg";
import { MANAGEMENT, SIGNED_IN } from "../../auth/roles.ts";
import type { Endpoints } from "../../http/endpoint.ts";
import { dayOrInstant, idParams, queryId } from "../../http/fields.ts";
import { microseconds } from "../../http/lists/times.ts";
import { decodeCursor, pageOf, pageParameters } from "../../http/paging.ts";
import { lockRowIfMatch } from "../../http/preconditions.ts";
import { created, list, noContent, ok, okLive } from "../../http/response.ts";
import { findTrip, getTrip, listTrips } from "./queries.ts";
import { newTrip, trip, TRIP_STATUSES, tripCancelling, tripChange, verification } from "./schema.ts";
import { readVerification } from "./verification-queries.ts";
import { addTrip, cancelTrip, changeTrip, removeTrip } from "./write-trip.ts";

const tag = "Trips";

export const listQuery = z.strictObject({
  vehicle_id: queryId.optional(),
  driver: z.string().min(1).max(255).optional().describe("the id of a driver, or a whole name"),
  status: z.enum(TRIP_STATUSES).optional(),
  location_id: queryId.optional().describe("trips that stop there, or at a location below it"),
  shipment_id: queryId.optional().describe("trips that load or unload it"),
  from: dayOrInstant.optional().describe("trips that end after this time"),
  to: dayOrInstant.optional().describe("trips that begin before this time"),
  ...pageParameters,
});
const cursor = z.tuple([microseconds, z.number().int().min(0)]);

/** Planned tours of vehicles: stops with windows, what is loaded and unloaded there, and what the vehicle has made of it. */
export function registerTrips(endpoints: Endpoints, pool: Pool): void {
  endpoints.read(
    {
      route: "GET /trips",
      access: SIGNED_IN,
      tag,
      summary: "List trips in the order in which they begin, planned against actual",
      query: listQuery,
      response: z.array(trip),
    },
    async ({ query, c, db }) => {
      const { limit, vehicle_id: vehicleId, location_id: locationId, shipment_id: shipmentId } = query;
      const { driver, status, from, to } = query;
      const filter = { vehicleId, driver, status, locationId, shipmentId, from, to };
      const after = decodeCursor(query.cursor, cursor);
      const rows = await listTrips(db, filter, { after, limit: limit + 1 });
      const page = pageOf(rows, limit, ({ key, trip }) => [key, trip.id]);
      return list({ ...page, rows: page.rows.map(({ trip }) => trip) }, c.req.url);
    },
  );
  endpoints.mutate(
    {
      route: "POST /trips",
      access: MANAGEMENT,
      tag,
      summary: "Plan a trip",
      body: newTrip,
      response: trip,
      status: 201,
      problems: {
        403: "it has goods that you may not see",
        409: "the vehicle has another trip in that time, or a shipment is delivered or cancelled",
      },
    },
    async ({ body, principal, c }, client) => created(await addTrip(client, principal, body), c.req.url),
  );
  endpoints.read(
    { route: "GET /trips/{id}", access: SIGNED_IN, tag, summary: "Get one trip", params: idParams, response: trip },
    async ({ params, db }) => okLive(await getTrip(db, params.id)),
  );
  const audited = { table: "trips", read: (client: PoolClient, { id }: { id: number }) => findTrip(client, id) };
  endpoints.mutate(
    {
      route: "PUT /trips/{id}",
      access: MANAGEMENT,
      tag,
      summary: "Change the plan of a trip; fields left out keep their value",
      params: idParams,
      body: tripChange,
      response: trip,
      audited,
      problems: {
        403: "it has stops or goods that you may not see",
        409: "it is over, the vehicle has another trip in that time, or a shipment is delivered or cancelled",
      },
    },
    async ({ params, body, principal, c }, client) => {
      await lockRowIfMatch(c, client, "trips", params.id, "trip");
      return ok(await changeTrip(client, principal, params.id, body));
    },
  );
  endpoints.mutate(
    {
      route: "DELETE /trips/{id}",
      access: MANAGEMENT,
      tag,
      summary: "Remove a planned or cancelled trip",
      params: idParams,
      status: 204,
      audited,
      problems: { 403: "it has stops or goods that you may not see", 409: "it is under way or completed" },
    },
    async ({ params, principal, c }, client) => {
      await lockRowIfMatch(c, client, "trips", params.id, "trip");
      await removeTrip(client, principal, params.id);
      return noContent;
    },
  );
  endpoints.mutate(
    {
      route: "POST /trips/{id}/cancel",
      access: MANAGEMENT,
      tag,
      summary: "Cancel a trip: its vehicle is free for others in that time",
      params: idParams,
      audited,
      body: tripCancelling,
      bodyOptional: true,
      response: trip,
      problems: { 403: "it has stops or goods that you may not see", 409: "it is completed or cancelled already" },
    },
    async ({ params, principal, c }, client) => {
      await lockRowIfMatch(c, client, "trips", params.id, "trip");
      return ok(await cancelTrip(client, principal, params.id));
    },
  );
  endpoints.read(
    {
      route: "GET /trips/{id}/verification",
      access: SIGNED_IN,
      tag,
      summary: "What was to be loaded and unloaded at each stop against what was read: missing and extra units",
      params: idParams,
      response: verification,
    },
    async ({ params, db }) => ({ status: 200, body: await readVerification(db, pool, await getTrip(db, params.id)) }),
  );
}
