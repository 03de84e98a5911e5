import type { Position, Vehicle } from "../state/resources.ts";
import type { LonLat } from "./projection.ts";

export type MotionState = "moving" | "idle" | "silent";

/** A truck slower than this is standing (m/s): just above the speed noise of a parked GPS receiver. */
const MOVING_METRES_PER_SECOND = 0.7;
/** A truck is silent when the server has received nothing from it for this long. */
const SILENT_AFTER_MS = 120_000;
const TRAIL_AGE_MS = 15 * 60_000;
const MAX_TRAIL_POINTS = 400;
// A marker moves from fix to fix in the time that the last fix took to arrive, within these limits.
const MAX_GLIDE_MS = 4000;
const MIN_GLIDE_MS = 200;

export function motionOf(position: Position, now: number): MotionState {
  if (now - Date.parse(position.received_at) > SILENT_AFTER_MS) return "silent";
  return (position.speed ?? 0) > MOVING_METRES_PER_SECOND ? "moving" : "idle";
}

interface TrailPoint extends LonLat {
  atMs: number;
}

/** One truck on the map: its target (`position`), its trail, and the animation from `from` to the target. */
export interface TruckMarker {
  vehicle: Vehicle;
  position: Position;
  trail: TrailPoint[];
  from: LonLat;
  startedMs: number;
  glideMs: number;
}

/** Where to draw the truck at `frameMs` (the clock of `requestAnimationFrame`). */
export function interpolatedPlace(marker: TruckMarker, frameMs: number): LonLat {
  const done = marker.glideMs === 0 ? 1 : Math.min(1, Math.max(0, (frameMs - marker.startedMs) / marker.glideMs));
  const { from, position } = marker;
  return { lon: from.lon + (position.lon - from.lon) * done, lat: from.lat + (position.lat - from.lat) * done };
}

export function isGliding(marker: TruckMarker, frameMs: number): boolean {
  return frameMs < marker.startedMs + marker.glideMs;
}

function extendTrail(trail: readonly TrailPoint[], position: Position): TrailPoint[] {
  const atMs = Date.parse(position.ts);
  const kept = trail.filter((point) => atMs - point.atMs < TRAIL_AGE_MS);
  return [...kept.slice(1 - MAX_TRAIL_POINTS), { lon: position.lon, lat: position.lat, atMs }];
}

/**
 * Updates the markers to the newest vehicles. With `still` (reduced motion) markers jump instead of gliding.
 * @returns whether any marker changed
 */
export function updateMarkers(
  markers: Map<number, TruckMarker>,
  vehicles: ReadonlyMap<number, Vehicle>,
  frameMs: number,
  still: boolean,
): boolean {
  let moved = false;
  for (const id of markers.keys()) if (!vehicles.has(id)) moved = markers.delete(id) || moved;
  for (const [id, vehicle] of vehicles) {
    const { position } = vehicle;
    if (position === null) continue;
    const before = markers.get(id);
    if (before?.position === position) continue;
    moved = true;
    const gap = before === undefined ? 0 : frameMs - before.startedMs;
    // After a long gap the path between is unknown: the marker jumps to the new position instead of gliding.
    const jump = before === undefined || still || gap > 15 * MAX_GLIDE_MS;
    markers.set(id, {
      vehicle,
      position,
      trail: extendTrail(before?.trail ?? [], position),
      from: jump ? position : interpolatedPlace(before, frameMs),
      startedMs: frameMs,
      glideMs: jump ? 0 : Math.max(MIN_GLIDE_MS, Math.min(MAX_GLIDE_MS, gap)),
    });
  }
  return moved;
}
