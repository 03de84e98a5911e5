import { z } from "@hono/zod-openapi";
import { accepts } from "hono/accepts";
import type { Pool } from "pg";
import { MANAGEMENT, SIGNED_IN } from "../../auth/roles.ts";
import type { Endpoints } from "../../http/endpoint.ts";
import { idParams } from "../../http/fields.ts";
import { decodeCursor, pageOf, wholeListParameters } from "../../http/paging.ts";
import { list, ok } from "../../http/response.ts";
import type { SeriesReader } from "../readings/series.ts";
import { eventView, shipmentEvents } from "./events.ts";
import { listTrackers, type RecordedFact } from "./history-queries.ts";
import { getShipment } from "./queries.ts";
import { eventParams, shipmentEvent, track, voiding } from "./history-schema.ts";
import { shipment } from "./schema.ts";
import { geoJsonOf } from "./track/geojson.ts";
import { gpxOf } from "./track/gpx.ts";
import { readTrack } from "./track/read-track.ts";
import { simplify } from "./track/simplify.ts";
import { readVoided, voidEvent } from "./void-event.ts";

const tag = "Shipments";
const GEOJSON = "application/geo+json";
const GPX = "application/gpx+xml";

const trackQuery = z.strictObject({
  simplify: z
    .string()
    .regex(/^\d{1,6}(\.\d{1,6})?$/, "expected metres as digits, such as 20 or 2.5")
    .transform(Number)
    .refine((metres) => metres <= 100_000, { message: "expected at most 100000" })
    .openapi({ type: "number", minimum: 0, maximum: 100_000 })
    .optional()
    .describe("leave out points closer than this to the simplified line, metres"),
});

/** The history of a shipment: its events and its track. A principal that may see the shipment may see where it has been. */
export function registerShipmentHistory(endpoints: Endpoints, pool: Pool, series: SeriesReader): void {
  endpoints.read(
    {
      route: "GET /shipments/{id}/events",
      access: SIGNED_IN,
      tag,
      summary: "List its events with their evidence, oldest first",
      params: idParams,
      query: z.strictObject(wholeListParameters),
      response: z.array(shipmentEvent),
    },
    async ({ params, query, c, db }) => {
      const events = await shipmentEvents(pool, await getShipment(db, params.id));
      const after = decodeCursor(query.cursor, eventCursor);
      const page = pageOf(eventsAfter(events, after).slice(0, query.limit + 1), query.limit, keyOfEvent);
      const rows = page.rows.map(eventView);
      return list({ ...page, rows }, c.req.url);
    },
  );
  endpoints.mutate(
    {
      route: "POST /shipments/{id}/events/{event_id}/void",
      access: MANAGEMENT,
      tag,
      summary: "Void an event that is wrong: the fact behind it is withdrawn. To void a void restores the event",
      params: eventParams,
      audited: { table: "shipments", read: (client, { id, event_id }) => readVoided(client, id, event_id) },
      body: voiding,
      response: shipment,
    },
    async ({ params, body, principal }, client) => {
      await voidEvent(client, principal, { shipmentId: params.id, eventId: params.event_id, reason: body.reason });
      return ok(await getShipment(client, params.id));
    },
  );
  endpoints.read(
    {
      route: "GET /shipments/{id}/track",
      access: SIGNED_IN,
      tag,
      summary: "Get its track on vehicles (GeoJSON; GPX for `Accept: application/gpx+xml`)",
      params: idParams,
      query: trackQuery,
      response: track,
      alternativeResponses: [GEOJSON, GPX],
    },
    async ({ params, query, c, db }) => {
      const { tracking_number: trackingNumber } = await getShipment(db, params.id);
      const all = await readTrack(pool, series, await listTrackers(pool, params.id));
      const points = query.simplify === undefined ? all : simplify(all, query.simplify);
      if (accepts(c, { header: "Accept", supports: [GEOJSON, GPX], default: GEOJSON }) === GPX) {
        const headers = { "Content-Type": GPX, Vary: "Accept" };
        return { status: 200, bytes: gpxOf(trackingNumber, points), headers };
      }
      const headers = { "Content-Type": GEOJSON, Vary: "Accept" };
      return { status: 200, bytes: geoJsonOf(params.id, points), headers };
    },
  );
}

const eventCursor = z.tuple([z.number(), z.number().int()]);

const keyOfEvent = ({ fact }: { fact: RecordedFact }): [number, number] => [fact.at, fact.id];

/**
 * The events after the one with this time and id. Facts may be withdrawn between two pages: without that event, the page begins
 * with those of its time, so that none is left out.
 */
function eventsAfter<E extends { fact: RecordedFact }>(
  events: readonly E[],
  after: readonly [number, number] | undefined,
): E[] {
  if (after === undefined) return [...events];
  const [at, id] = after;
  const last = events.findLastIndex(({ fact }) => fact.at === at && fact.id === id);
  return last === -1 ? events.filter(({ fact }) => fact.at >= at) : events.slice(last + 1);
}
