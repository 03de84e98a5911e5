import type { HandlingKind } from "./handling.ts";
import { type Lane, type Pose, poseAt } from "./lane.ts";
import type { Pallet } from "./pallet.ts";
import type { Random } from "./random.ts";
import type { Site } from "./sites.ts";

/** A truck that drives between two sites. */
export interface Truck {
  name: string;
  plate: string;
  cold: boolean;
  /** loading site, unloading site */
  ends: readonly [Site, Site];
  /** from the loading site to the unloading site, and back */
  lanes: readonly [Lane, Lane];
  driver: DriverProfile;
  /** index in `lanes` of the current lane, or at a dock the next one */
  direction: 0 | 1;
  metres: number;
  speedMps: number;
  /** at the dock until then, epoch milliseconds; null while driving */
  dockedUntil: number | null;
  /** halted on the road (rest, traffic light) until then, epoch milliseconds */
  haltedUntil: number;
  cargo: Pallet[];
  /** whether loading has begun at this dock */
  loaded: boolean;
  /** null: it carries nothing */
  handling: HandlingKind | null;
  /** tags that a reader aboard can hear, from loading to unloading, epoch milliseconds */
  tagsAboard: { epc: string; since: number; until: number }[];
  /** loadings that the driver has still to enter, on the road */
  paperwork: Paperwork[];
}

export interface Paperwork {
  pallet: Pallet;
  /** epoch milliseconds */
  loadedAt: number;
}

export interface DriverProfile {
  /** on the open road, metres per second */
  cruiseMps: number;
  /** at the dock, milliseconds */
  dwellMs: number;
  /** probability of a short halt per driven kilometre */
  haltPerKm: number;
}

/** Speed limits in yards and towns, metres per second, and the distance from the dock within which they hold. */
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

/** @param aheadMs time since the world's last step */
export function poseOf(truck: Truck, aheadMs = 0): Pose {
  const drivenM = truck.dockedUntil === null ? (truck.speedMps * aheadMs) / 1000 : 0;
  return poseAt(truck.lanes[truck.direction], truck.metres + drivenM);
}

/** Drives for `elapsedMs` up to `now`. @returns whether the truck has reached the dock */
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
