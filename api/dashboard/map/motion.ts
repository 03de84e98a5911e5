import type { Position, Vehicle } from "../state/resources.ts";
import type { Place } from "./projection.ts";

export type MotionState = "moving" | "idle" | "silent";

/** A truck slower than this stands: walking pace, above the noise of a parked receiver (m/s). */
const MOVING_SPEED = 0.7;
/** A truck not heard of for this long is said to be silent. */
const SILENT_MS = 120_000;
const TRAIL_MS = 15 * 60_000;
const TRAIL_POINTS = 400;
/** The picture glides from fix to fix for as long as the last fix took to come, within reason. */
const LONGEST_GLIDE_MS = 4000;
const SHORTEST_GLIDE_MS = 200;

export function motionOf(position: Position, now: number): MotionState {
  if (now - Date.parse(position.received_at) > SILENT_MS) return "silent";
  return (position.speed ?? 0) > MOVING_SPEED ? "moving" : "idle";
}

interface TrailPoint extends Place {
  atMs: number;
}

/** What the map remembers of one truck: where it is drawn, where it glides to, where it was. */
export interface Mover {
  vehicle: Vehicle;
  position: Position;
  trail: TrailPoint[];
  from: Place;
  startedMs: number;
  glideMs: number;
}

/** Where to draw the truck at `frameMs` (the time of animation frames). */
export function drawnAt(mover: Mover, frameMs: number): Place {
  const done = mover.glideMs === 0 ? 1 : Math.min(1, Math.max(0, (frameMs - mover.startedMs) / mover.glideMs));
  const { from, position } = mover;
  return { lon: from.lon + (position.lon - from.lon) * done, lat: from.lat + (position.lat - from.lat) * done };
}

export function isGliding(mover: Mover, frameMs: number): boolean {
  return frameMs < mover.startedMs + mover.glideMs;
}

function withPoint(trail: readonly TrailPoint[], position: Position): TrailPoint[] {
  const atMs = Date.parse(position.ts);
  const kept = trail.filter((point) => atMs - point.atMs < TRAIL_MS);
  return [...kept.slice(1 - TRAIL_POINTS), { lon: position.lon, lat: position.lat, atMs }];
}

/** Takes the newest vehicles into the map's memory; returns whether anything moved. */
export function follow(
  movers: Map<number, Mover>,
  vehicles: ReadonlyMap<number, Vehicle>,
  frameMs: number,
  still: boolean,
): boolean {
  let moved = false;
  for (const id of movers.keys()) if (!vehicles.has(id)) moved = movers.delete(id) || moved;
  for (const [id, vehicle] of vehicles) {
    const { position } = vehicle;
    if (position === null) continue;
    const before = movers.get(id);
    if (before?.position === position) continue;
    moved = true;
    const gap = before === undefined ? 0 : frameMs - before.startedMs;
    // After a long gap the way between is not known: the truck is put where it is instead of being flown there.
    const jump = before === undefined || still || gap > 15 * LONGEST_GLIDE_MS;
    movers.set(id, {
      vehicle,
      position,
      trail: withPoint(before?.trail ?? [], position),
      from: jump ? position : drawnAt(before, frameMs),
      startedMs: frameMs,
      glideMs: jump ? 0 : Math.max(SHORTEST_GLIDE_MS, Math.min(LONGEST_GLIDE_MS, gap)),
    });
  }
  return moved;
}
