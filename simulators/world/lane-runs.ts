import type { Point } from "./geometry.ts";
import { drawLane, type Lane, poseAt } from "./lane.ts";
import { createRandom, type Random } from "./random.ts";

/*
 * A long lane as trucks really drive it, day after day: slow in yards and towns, a little faster or slower by the driver and the day,
 * slower at rush hours and on a bad day, with rests and queues; the tracker is away now and then.
 */

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const STEP_MS = 10_000;
const FIX_MS = 60_000;
/** Radius of the geofences at both ends. */
export const FENCE_M = 300;

export interface LongLane {
  from: Point;
  to: Point;
  road: Lane;
  random: Random;
}

/** @param from its beginning @param km straight to the north, about */
export function longLane(seed: number, from: Point, km: number): LongLane {
  const to = { lat: from.lat + km / 111.195, lon: from.lon + 0.2 };
  return { from, to, road: drawLane(from, to, createRandom(seed, "road")), random: createRandom(seed, "runs") };
}

/** A fix of a run, epoch milliseconds. */
export interface RunFix extends Point {
  at: number;
}

export interface SimulatedRun {
  departedAt: number;
  arrivedAt: number;
  /** a fix a minute, with gaps */
  fixes: RunFix[];
}

/** How much slower traffic is at this time of day. */
function traffic(at: number): number {
  const hour = (at / HOUR) % 24;
  const rush = (peak: number) => Math.exp(-(((hour - peak) / 1.2) ** 2));
  return 1 / (1 + 0.35 * rush(8) + 0.45 * rush(17));
}

/** One run, from fence to fence. @param delayMs it stands for so long in the middle of the way */
export function simulateRun({ road, random }: LongLane, departedAt: number, delayMs = 0): SimulatedRun {
  const cruise = random.between(19.5, 23);
  const day = random.between(0.93, 1.05) * (random.chance(0.1) ? 0.85 : 1);
  const rests = Array.from({ length: Math.floor(road.lengthM / 80_000) }, (_, index) => (index + 1) * 80_000);
  const stops = rests.map((at) => ({ at: at * random.between(0.8, 1.1), ms: random.between(10, 20) * MINUTE }));
  if (random.chance(0.4))
    stops.push({ at: road.lengthM * random.between(0.1, 0.9), ms: random.between(2, 8) * MINUTE });
  if (delayMs > 0) stops.push({ at: road.lengthM / 2, ms: delayMs });
  const fixes: RunFix[] = [];
  let [metres, at, silentUntil] = [FENCE_M, departedAt, 0];
  while (metres < road.lengthM - FENCE_M) {
    const toDock = Math.min(metres, road.lengthM - metres);
    const free = toDock < 500 ? 7 : toDock < 4_000 ? 12 : cruise;
    metres += (free * day * traffic(at) * STEP_MS) / 1_000;
    at += STEP_MS;
    const due = stops.findIndex((stop) => stop.at <= metres);
    if (due >= 0) at += stops.splice(due, 1)[0]!.ms;
    if (at >= silentUntil && random.chance(0.004)) silentUntil = at + random.between(3, 15) * MINUTE;
    if (at >= silentUntil && at - (fixes.at(-1)?.at ?? -Infinity) >= FIX_MS) {
      const { lat, lon } = poseAt(road, metres);
      const noise = () => random.between(-0.00015, 0.00015);
      fixes.push({ at, lat: lat + noise(), lon: lon + noise() });
    }
  }
  return { departedAt, arrivedAt: at, fixes };
}
