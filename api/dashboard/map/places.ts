import { geoCentroid } from "d3-geo";
import type { Circle, Location, Polygon, Shipment, Vehicle } from "../state/resources.ts";
import type { Place } from "./projection.ts";

/** A location that can be drawn: one with a geofence. */
export interface Site {
  location: Location;
  centre: Place;
  fence: Circle | Polygon;
}

/** Sites keep their identity while their location does: places change rarely, the map is drawn often. */
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

function centreOf(fence: Polygon): Place {
  // The ring as a line: its middle does not depend on the winding order, which GeoJSON files get wrong half of the time.
  const [lon, lat] = geoCentroid({ type: "LineString", coordinates: fence.coordinates[0] ?? [] });
  return { lon, lat };
}

export function sitesOf(locations: ReadonlyMap<number, Location>): Site[] {
  return [...locations.values()].flatMap((location) => siteOf(location) ?? []);
}

/** A straight line between two places that goods now move between. */
export interface Lane {
  from: Place;
  to: Place;
}

/** Lanes of shipments under way, each once. */
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

/** Everything the map would like to have in view. */
export function extent(sites: readonly Site[], vehicles: Iterable<Vehicle>): Place[] {
  return [
    ...sites.map((site) => site.centre),
    ...[...vehicles].flatMap(({ position }) => (position === null ? [] : [{ lon: position.lon, lat: position.lat }])),
  ];
}
