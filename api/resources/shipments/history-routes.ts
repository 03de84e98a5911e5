import { z } from "@hono/zod-openapi";
import { accepts } from "hono/accepts";
import { EPCIS_DOCUMENT_TYPE, shipmentDocument } from "../../integrations/epcis/meaning/export.ts";
import type { Pool } from "pg";
import { MANAGEMENT, SIGNED_IN } from "../../auth/roles.ts";
import type { Endpoints } from "../../http/endpoint.ts";
import { idParams } from "../../http/fields.ts";
import { decodeCursor, pageOf, wholeListParameters } from "../../http/paging.ts";
import { list, ok } from "../../http/response.ts";
import type { SeriesReader } from "../readings/series.ts";
import { readActorNames } from "../users/actor-names.ts";
import { actorsOf, eventView, shipmentEvents } from "./events.ts";
import type { RecordedFact } from "./history-queries.ts";
import { getShipment } from "./queries.ts";
import { eventParams, shipmentEvent, track, voiding } from "./history-schema.ts";
import { shipment } from "./schema.ts";
import { geoJsonOf } from "./track/geojson.ts";
import { gpxOf } from "./track/gpx.ts";
import { readTrack } from "./track/read-track.ts";
import { simplify } from "./track/simplify.ts";
import { trackersOf } from "./track/trackers.ts";
import { readVoided, voidEvent } from "./void-event.ts";

const tag = "Shipments";
const GEOJSON = "application/geo+json";
const GPX = "application/gpx+xml";

const JSON_TYPE = "application/json";
const eventsQuery = z.strictObject({
  format: z
    .enum(["json", "epcis"])
    .optional()
    .describe(
      "`epcis`: what the platform tells partners of it, as a document of EPCIS 2.0 (also for `Accept: application/ld+json`)",
    ),
  ...wholeListParameters,
});

const trackQuery = z.strictObject({
  format: z.enum(["geojson", "gpx"]).optional().describe("instead of `Accept`, for links"),
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
export function registerShipmentHistory(
  endpoints: Endpoints,
  { pool, series, publicUrl }: { pool: Pool; series: SeriesReader; publicUrl: string },
): void {
  endpoints.read(
    {
      route: "GET /shipments/{id}/events",
      access: SIGNED_IN,
      tag,
      summary: "List its events with their evidence, oldest first, or get them as an EPCIS document",
      params: idParams,
      query: eventsQuery,
      response: z.array(shipmentEvent),
      alternativeResponses: [EPCIS_DOCUMENT_TYPE],
    },
    async ({ params, query, principal, c, db }) => {
      const shipment = await getShipment(db, params.id);
      const asked = accepts(c, { header: "Accept", supports: [JSON_TYPE, EPCIS_DOCUMENT_TYPE], default: JSON_TYPE });
      if ((query.format ?? (asked === EPCIS_DOCUMENT_TYPE ? "epcis" : "json")) === "epcis") {
        const name = `epcis-${shipment.tracking_number}.jsonld`;
        const headers = {
          "Content-Type": EPCIS_DOCUMENT_TYPE,
          "Content-Disposition": `attachment; filename="${name}"`,
          Vary: "Accept",
        };
        const text = JSON.stringify(await shipmentDocument(pool, publicUrl, params.id));
        return { status: 200, text, headers };
      }
      const events = await shipmentEvents(pool, shipment);
      const after = decodeCursor(query.cursor, eventCursor);
      const page = pageOf(eventsAfter(events, after).slice(0, query.limit + 1), query.limit, keyOfEvent);
      const names = await readActorNames(pool, principal, actorsOf(page.rows));
      const rows = page.rows.map((event) => eventView(event, names));
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
      summary:
        "Get its track, by a tracker on the goods, else by those of the vehicles that carried them (GeoJSON; GPX for `Accept: application/gpx+xml`)",
      params: idParams,
      query: trackQuery,
      response: track,
      alternativeResponses: [GEOJSON, GPX],
    },
    async ({ params, query, c, db }) => {
      const shipment = await getShipment(db, params.id);
      const all = await readTrack(pool, series, await trackersOf(pool, shipment));
      const points = query.simplify === undefined ? all : simplify(all, query.simplify);
      const asked = accepts(c, { header: "Accept", supports: [GEOJSON, GPX], default: GEOJSON });
      if ((query.format ?? (asked === GPX ? "gpx" : "geojson")) === "gpx") {
        const headers = { "Content-Type": GPX, Vary: "Accept" };
        return { status: 200, bytes: gpxOf(shipment.tracking_number, points), headers };
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
