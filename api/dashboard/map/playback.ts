import { createStore } from "../state/store.ts";
import type { LonLat } from "./projection.ts";
import type { ShownTrack } from "./track.ts";

/** The moment of its way at which the shipment is shown; null: it is not played back. */
export interface Playback {
  atMs: number;
  isPlaying: boolean;
  /** seconds of its way in a second */
  speed: number;
}

export const SPEEDS = [60, 300, 1800, 7200] as const;

/** Between positions further apart than this nobody knows where it was, milliseconds. */
export const GAP_MS = 15 * 60_000;

export const playback = createStore<Playback | null>(null);

type Points = ShownTrack["points"];

/** Where it was at a moment: between two positions on the straight line, in a gap where it was heard last. */
export function placeAt(points: Points, atMs: number): (LonLat & { isGap: boolean }) | undefined {
  const after = points.findIndex((point) => point.atMs > atMs);
  const before = after === -1 ? points.at(-1) : points[after - 1];
  if (before === undefined) return points[0] && { ...points[0], isGap: false };
  const next = after === -1 ? undefined : points[after];
  if (next === undefined) return { lon: before.lon, lat: before.lat, isGap: false };
  const spanMs = next.atMs - before.atMs;
  if (spanMs > GAP_MS) return { lon: before.lon, lat: before.lat, isGap: true };
  const share = (atMs - before.atMs) / spanMs;
  return {
    lon: before.lon + (next.lon - before.lon) * share,
    lat: before.lat + (next.lat - before.lat) * share,
    isGap: false,
  };
}

/** After `elapsedMs` of playing. At the end it stops. */
export function advanced(now: Playback, elapsedMs: number, endMs: number): Playback {
  const atMs = Math.min(endMs, now.atMs + elapsedMs * now.speed);
  return { ...now, atMs, isPlaying: atMs < endMs };
}
