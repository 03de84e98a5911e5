import type { Position, Track } from "../state/resources.ts";
import { createStore } from "../state/store.ts";
import type { LonLat } from "./projection.ts";

interface TrackPoint extends LonLat {
  atMs: number;
}

/** The way of the shipment that is open. */
export interface ShownTrack {
  shipmentId: number;
  /** oldest first */
  points: readonly TrackPoint[];
  /** how often somebody has asked to bring it into view */
  fits: number;
}

/** The same longitude, on the side of the 180th meridian where `before` is: there it may be beyond 180. */
const lonNear = (lon: number, before: number): number => lon - 360 * Math.round((lon - before) / 360);

export const shownTrack = createStore<ShownTrack | null>(null);

let fits = 0;

/** Shows a track, and brings it into view unless it is that of the same shipment, read anew. */
export function showTrack(shipmentId: number, points: readonly TrackPoint[]): void {
  const before = shownTrack.get();
  const isKnown = before?.shipmentId === shipmentId && before.points.length > 0;
  shownTrack.set({ shipmentId, points, fits: isKnown ? fits : ++fits });
}

/** Adds where its vehicle is now. A fix that is older than the end of the track is on it already. */
export function extendTrack({ lon, lat, ts }: Position): void {
  const track = shownTrack.get();
  const last = track?.points.at(-1);
  const atMs = Date.parse(ts);
  if (track === null || (last !== undefined && last.atMs >= atMs)) return;
  shownTrack.set({ ...track, points: [...track.points, { lon: lonNear(lon, last?.lon ?? lon), lat, atMs }] });
}

export function fitTrack(): void {
  const track = shownTrack.get();
  if (track !== null) shownTrack.set({ ...track, fits: ++fits });
}

/** The points of a track as the API gives it. */
export function trackOf({ geometry, properties }: Track): TrackPoint[] {
  if (geometry === null) return [];
  const places = geometry.type === "Point" ? [geometry.coordinates] : geometry.coordinates;
  let before = places[0]?.[0] ?? 0;
  return places.map(([lon = 0, lat = 0], index) => {
    before = lonNear(lon, before);
    return { lon: before, lat, atMs: Date.parse(properties.coordTimes[index] ?? "") };
  });
}
