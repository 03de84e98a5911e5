import { type Lane, type Pose, poseAt } from "./lane.ts";
import type { Pallet } from "./pallet.ts";
import type { Random } from "./random.ts";
import type { Site } from "./sites.ts";

/** A truck on its round between two sites, and the habits of its driver. */
export interface Truck {
  name: string;
  plate: string;
  cold: boolean;
  /** where it loads, where it unloads */
  ends: readonly [Site, Site];
  /** there and back */
  lanes: readonly [Lane, Lane];
  driver: DriverProfile;
  /** which of `lanes` it drives, or will drive when it leaves the dock */
  direction: 0 | 1;
  metres: number;
  speedMps: number;
  /** at the dock until then; null while it drives */
  dockedUntil: number | null;
  /** on the road, but standing (rest, traffic light) until then */
  haltedUntil: number;
  cargo: Pallet[];
  /** whether loading has begun at this dock */
  loaded: boolean;
}

export interface DriverProfile {
  /** on the open road, metres per second */
  cruiseMps: number;
  /** at the dock, milliseconds */
  dwellMs: number;
  /** probability of a short halt per driven kilometre */
  haltPerKm: number;
}

/** In town and in yards, metres per second, and how far from the dock that is so. */
const YARD_MPS = 5;
const YARD_M = 150;
const TOWN_MPS = 12;
const TOWN_M = 2_500;
const ACCELERATION = 0.8;
const HALT_MS: readonly [number, number] = [15_000, 60_000];

export function nextStop(truck: Truck): Site {
  return truck.ends[truck.direction === 0 ? 1 : 0];
}

export function lastStop(truck: Truck): Site {
  return truck.ends[truck.direction];
}

/** @param aheadMs since the world's last step */
export function poseOf(truck: Truck, aheadMs = 0): Pose {
  const drivenM = truck.dockedUntil === null ? (truck.speedMps * aheadMs) / 1000 : 0;
  return poseAt(truck.lanes[truck.direction], truck.metres + drivenM);
}

/** Drives until `now` from `elapsedMs` before; true when it has just reached the dock. */
export function drive(truck: Truck, now: number, elapsedMs: number, random: Random): boolean {
  const lane = truck.lanes[truck.direction];
  if (now < truck.haltedUntil) {
    truck.speedMps = 0;
    return false;
  }
  const seconds = elapsedMs / 1000;
  const toDockM = Math.min(truck.metres, lane.lengthM - truck.metres);
  const allowed = toDockM < YARD_M ? YARD_MPS : toDockM < TOWN_M ? TOWN_MPS : truck.driver.cruiseMps;
  const change = ACCELERATION * seconds;
  truck.speedMps = Math.max(2, Math.min(allowed, truck.speedMps + change));
  truck.metres = Math.min(lane.lengthM, truck.metres + truck.speedMps * seconds);
  const kilometres = (truck.speedMps * seconds) / 1000;
  if (toDockM > YARD_M * 3 && random.chance(truck.driver.haltPerKm * kilometres)) {
    truck.haltedUntil = now + random.between(...HALT_MS);
  }
  return truck.metres >= lane.lengthM;
}
