import { z } from "@hono/zod-openapi";
import { accepts } from "hono/accepts";
import type { Pool } from "pg";
import type { NewFact } from "../../../ingest/domain/fact.ts";
import { foldShipment } from "../../../ingest/domain/shipment/shipment.ts";
import { SIGNED_IN } from "../../auth/roles.ts";
import type { Endpoints } from "../../http/endpoint.ts";
import { idParams } from "../../http/fields.ts";
import { decodeCursor, pageOf, wholeListParameters } from "../../http/paging.ts";
import { list } from "../../http/response.ts";
import type { SeriesReader } from "../readings/series.ts";
import { listTrackers, loadHistory, loadPlaces, type RecordedFact } from "./history-queries.ts";
import { getShipment } from "./queries.ts";
import { shipmentEvent, type ShipmentEventView, track } from "./schema.ts";
import { geoJsonOf } from "./track/geojson.ts";
import { gpxOf } from "./track/gpx.ts";
import { readTrack } from "./track/read-track.ts";
import { simplify } from "./track/simplify.ts";

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
      const { destination_id: destinationId } = await getShipment(db, params.id);
      const [facts, places] = [await loadHistory(pool, params.id), await loadPlaces(pool)];
      const events = foldShipment(facts, { destinationId, places })?.events ?? [];
      const after = decodeCursor(query.cursor, eventCursor);
      const page = pageOf(eventsAfter(events, after).slice(0, query.limit + 1), query.limit, keyOfEvent);
      const rows = page.rows.map(({ fact, state }): ShipmentEventView => ({
        id: fact.id,
        at: new Date(fact.at),
        between: intervalOf(fact),
        type: fact.type,
        stage: state.stage,
        status: state.status,
        location_id: placeOf(fact) ?? state.locationId,
        vehicle_id: state.vehicleId,
        rule: fact.rule,
        evidence: fact.evidence,
        ...proofOf(fact),
        confidence: fact.confidence,
        actor_id: fact.actorId ?? null,
        device_id: fact.deviceId ?? null,
        recorded_at: new Date(fact.recordedAt),
      }));
      return list({ ...page, rows }, c.req.url);
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

/** Where a vehicle's crossing or a tag's read happened; other facts happened where the shipment is. */
function placeOf({ data }: NewFact): number | null {
  return "locationId" in data ? data.locationId : null;
}

function proofOf(fact: NewFact): Pick<ShipmentEventView, "proof"> {
  if (fact.type !== "proof") return {};
  const { name, outcome = "delivered", reason = null, note, lines, attachments = [] } = fact.data;
  const taken = lines?.map(({ line, quantity }) => ({ line, quantity })) ?? null;
  return { proof: { name, outcome, reason, note, lines: taken, attachments } };
}

/** When it happened, if nothing was heard for long before it. */
function intervalOf({ data }: NewFact): ShipmentEventView["between"] {
  if (!("between" in data) || data.between === undefined) return null;
  return { from: new Date(data.between.from), to: new Date(data.between.to) };
}
