import { geoCentroid } from "d3-geo";
import type { Circle, Location, MultiPolygon, Polygon, Shipment, Vehicle } from "../state/resources.ts";
import type { LonLat } from "./projection.ts";

/** A location that can be drawn: one with a geofence. */
export interface Site {
  location: Location;
  centre: LonLat;
  fence: Circle | Polygon | MultiPolygon;
}

/** Cache: the map is drawn often and locations change rarely. */
const sites = new WeakMap<Location, Site>();

export function siteOf(location: Location): Site | undefined {
  const fence = location.geofence;
  if (fence === null) return undefined;
  const known = sites.get(location);
  if (known !== undefined) return known;
  const site = { location, fence, centre: "radius_m" in fence ? { lon: fence.lon, lat: fence.lat } : centreOf(fence) };
  sites.set(location, site);
  return site;
}

function centreOf(fence: Polygon | MultiPolygon): LonLat {
  // The centroid of the ring as a line does not depend on its winding order, which many GeoJSON files get wrong.
  const [lon, lat] = geoCentroid({ type: "LineString", coordinates: polygonsOf(fence)[0]?.[0] ?? [] });
  return { lon, lat };
}

export function polygonsOf(fence: Polygon | MultiPolygon): Polygon["coordinates"][] {
  return fence.type === "Polygon" ? [fence.coordinates] : fence.coordinates;
}

export function sitesOf(locations: ReadonlyMap<number, Location>): Site[] {
  return [...locations.values()].flatMap((location) => siteOf(location) ?? []);
}

/** A straight line between the origin and the destination of goods in transport. */
export interface Lane {
  from: LonLat;
  to: LonLat;
}

/** Lanes of all shipments in transport; each lane once. */
export function lanesOf(shipments: Iterable<Shipment>, locations: ReadonlyMap<number, Location>): Lane[] {
  const lanes = new Map<string, Lane>();
  for (const { stage, origin_id: originId, destination_id: destinationId } of shipments) {
    if (stage !== "transportation" || originId === null || destinationId === null) continue;
    const [origin, destination] = [locations.get(originId), locations.get(destinationId)];
    const from = origin && siteOf(origin)?.centre;
    const to = destination && siteOf(destination)?.centre;
    if (from && to) lanes.set(`${originId}-${destinationId}`, { from, to });
  }
  return [...lanes.values()];
}

/** The points that "show everything" brings into view. */
export function extent(sites: readonly Site[], vehicles: Iterable<Vehicle>): LonLat[] {
  return [
    ...sites.map((site) => site.centre),
    ...[...vehicles].flatMap(({ position }) => (position === null ? [] : [{ lon: position.lon, lat: position.lat }])),
  ];
}
