import { z } from "@hono/zod-openapi";
import { accepts } from "hono/accepts";
import type { Pool } from "pg";
import type { NewFact } from "../../../ingest/domain/fact.ts";
import { foldShipment } from "../../../ingest/domain/shipment/shipment.ts";
import { SIGNED_IN } from "../../auth/roles.ts";
import type { Endpoints } from "../../http/endpoint.ts";
import { idParams } from "../../http/fields.ts";
import type { SeriesReader } from "../readings/series.ts";
import { listTrackers, loadHistory, loadPlaces } from "./history-queries.ts";
import { getShipment } from "./queries.ts";
import { shipmentEvent, type ShipmentEventView, track } from "./schema.ts";
import { gpxOf } from "./track/gpx.ts";
import { readTrack } from "./track/read-track.ts";
import { simplify, type TrackPoint } from "./track/simplify.ts";

const tag = "Shipments";
const GEOJSON = "application/geo+json";
const GPX = "application/gpx+xml";

const trackQuery = z.strictObject({
  simplify: z.coerce
    .number()
    .min(0)
    .max(100_000)
    .optional()
    .describe("leave out points closer than this to the simplified line, metres"),
});

/** The history of a shipment: its events and its track. */
export function registerShipmentHistory(endpoints: Endpoints, pool: Pool, series: SeriesReader): void {
  endpoints.read(
    {
      route: "GET /shipments/{id}/events",
      access: SIGNED_IN,
      tag,
      summary: "List its events with their evidence, oldest first",
      params: idParams,
      response: z.array(shipmentEvent),
    },
    async ({ params }) => {
      const { destination_id: destinationId } = await getShipment(pool, params.id);
      const [facts, places] = [await loadHistory(pool, params.id), await loadPlaces(pool)];
      const events = foldShipment(facts, { destinationId, places })?.events ?? [];
      const body = events.map(({ fact, state }): ShipmentEventView => ({
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
        confidence: fact.confidence,
        actor_id: fact.actorId ?? null,
        device_id: fact.deviceId ?? null,
        recorded_at: new Date(fact.recordedAt),
      }));
      return { status: 200, body };
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
    },
    async ({ params, query, c }) => {
      const { tracking_number: trackingNumber } = await getShipment(pool, params.id);
      const all = await readTrack(pool, series, await listTrackers(pool, params.id));
      const points = query.simplify === undefined ? all : simplify(all, query.simplify);
      if (accepts(c, { header: "Accept", supports: [GEOJSON, GPX], default: GEOJSON }) === GPX) {
        const headers = { "Content-Type": GPX, Vary: "Accept" };
        return { status: 200, text: gpxOf(trackingNumber, points), headers };
      }
      const body = {
        type: "Feature",
        geometry: geometryOf(points),
        properties: {
          shipment_id: params.id,
          coordTimes: points.map(({ ts }) => new Date(ts).toISOString()),
          speeds: points.map(({ speed }) => speed),
        },
      };
      return { status: 200, body, headers: { "Content-Type": GEOJSON, Vary: "Accept" } };
    },
  );
}

/** Where a vehicle's crossing or a tag's read happened; other facts happened where the shipment is. */
function placeOf({ data }: NewFact): number | null {
  return "locationId" in data ? data.locationId : null;
}

/** When it happened, if nothing was heard for long before it. */
function intervalOf({ data }: NewFact): ShipmentEventView["between"] {
  if (!("between" in data) || data.between === undefined) return null;
  return { from: new Date(data.between.from), to: new Date(data.between.to) };
}

/** RFC 7946 §3.1.4: a line has two or more positions. */
function geometryOf(points: readonly TrackPoint[]): object | null {
  const coordinates = points.map(({ lon, lat }) => [lon, lat]);
  if (coordinates.length === 0) return null;
  return coordinates.length === 1
    ? { type: "Point", coordinates: coordinates[0] }
    : { type: "LineString", coordinates };
}
