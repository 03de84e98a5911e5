import type { WorldEvent } from "./event.ts";
import { distanceM } from "./geometry.ts";
import { type Site, SITES } from "./sites.ts";
import { poseOf, type Truck } from "./truck.ts";

/** No truck is faster than this, metres per second. */
const MAX_SPEED_MPS = 30;

interface FenceState {
  inside: readonly Site[];
  /** the truck cannot reach any fence before, epoch milliseconds */
  checkAgainAt: number;
}

/** Returns a function that reports the true geofence crossings since its last call. */
export function trackGeofences(trucks: readonly Truck[], startMs: number): (now: number) => WorldEvent[] {
  const known = new Map<Truck, FenceState>(trucks.map((truck) => [truck, fenceStateOf(truck, startMs)]));
  return (now) => {
    const events: WorldEvent[] = [];
    for (const truck of trucks) {
      const before = known.get(truck);
      if (!before || truck.dockedUntil !== null || now < before.checkAgainAt) continue;
      const after = fenceStateOf(truck, now);
      for (const site of before.inside) {
        if (!after.inside.includes(site)) events.push({ at: now, type: "truck-left-fence", ...crossing(truck, site) });
      }
      for (const site of after.inside) {
        if (!before.inside.includes(site)) {
          events.push({ at: now, type: "truck-entered-fence", ...crossing(truck, site) });
        }
      }
      known.set(truck, after);
    }
    return events;
  };
}

function crossing({ name, ends }: Truck, site: Site): { truck: string; site: Site; isStop: boolean } {
  return { truck: name, site, isStop: ends.includes(site) };
}

function fenceStateOf(truck: Truck, now: number): FenceState {
  const pose = poseOf(truck);
  const edges = SITES.map((site) => ({ site, beyondM: distanceM(site, pose) - site.radiusM }));
  const nearestM = Math.min(...edges.map(({ beyondM }) => Math.abs(beyondM)));
  const inside = edges.filter(({ beyondM }) => beyondM <= 0).map(({ site }) => site);
  return { inside, checkAgainAt: now + (nearestM / MAX_SPEED_MPS) * 1000 };
}
