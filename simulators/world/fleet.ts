import { distributeHandling, type HandlingPlan } from "./handling.ts";
import { drawLane, type Lane, reverseLane } from "./lane.ts";
import { createRandom } from "./random.ts";
import { HAULS, ROUNDS, SHUTTLES, type Site, siteNamed } from "./sites.ts";
import type { Truck } from "./truck.ts";

const DWELL_MS: readonly [number, number] = [90_000, 240_000];
/** Shuttles are loaded as soon as they are empty. */
const SHUTTLE_DWELL_MS: readonly [number, number] = [65_000, 100_000];
/** What stands at a dock when the world begins is heard there before it is loaded. */
const FIRST_DEPARTURE_MS = 90_000;
/** A dock where more is done than goods put through takes so long at least. */
const LONG_DWELL_MS = 150_000;
/** Route kinds of successive trucks: most of the fleet are shuttles. */
const ROUTE_MIX = [SHUTTLES, ROUNDS, SHUTTLES, HAULS, SHUTTLES] as const;
const CRUISE_MPS: readonly [number, number] = [19, 24.5];
/** Whose trucks they are. */
const CARRIERS = ["Alpenfracht", "Donau Spedition", "Moravia Trans", "Isar Logistik", "Noris Cargo"] as const;
const PLATES = ["IN", "M", "N", "R", "W", "L"] as const;

/** Builds the trucks. Trucks between the same two sites share a lane. */
export function buildFleet(count: number, seed: number, startMs: number, plan: HandlingPlan): Truck[] {
  const roads = new Map<string, Lane>();
  const road = (from: Site, to: Site): Lane => {
    const key = `${from.name}/${to.name}`;
    const known = roads.get(key);
    if (known) return known;
    const lane = drawLane(from, to, createRandom(seed, `road/${key}`));
    roads.set(key, lane);
    return lane;
  };
  const handlingOn = distributeHandling(plan);
  return Array.from({ length: count }, (_, index) => {
    const truck = buildTruck(index, seed, startMs, road);
    truck.handling = handlingOn(...truck.ends);
    if (truck.handling !== "api")
      truck.driver.dwellMs = Math.max(truck.driver.dwellMs, LONG_DWELL_MS + (index % 100) * 1_000);
    return truck;
  });
}

function buildTruck(index: number, seed: number, startMs: number, road: (from: Site, to: Site) => Lane): Truck {
  const random = createRandom(seed, `truck/${index}`);
  const routes = ROUTE_MIX[index % ROUTE_MIX.length] ?? SHUTTLES;
  const turn = ROUTE_MIX.slice(0, index % ROUTE_MIX.length).filter((kind) => kind === routes).length;
  const before = Math.floor(index / ROUTE_MIX.length) * ROUTE_MIX.filter((kind) => kind === routes).length;
  const [from, to] = routes[(before + turn) % routes.length] ?? random.pick(routes);
  const ends = [siteNamed(from), siteNamed(to)] as const;
  const there = road(...ends);
  // The simulation starts in the middle of a day: most trucks are somewhere on their lanes, and empty, because no pallet
  // exists yet.
  const driving = random.chance(0.6);
  const dwellMs = random.between(...(routes === SHUTTLES ? SHUTTLE_DWELL_MS : DWELL_MS));
  return {
    name: `${CARRIERS[index % CARRIERS.length]} ${String(index + 1).padStart(2, "0")}`,
    plate: `${random.pick(PLATES)}-WS ${random.integer(100, 999)}`,
    cold: index % 5 === 0,
    ends,
    lanes: [there, reverseLane(there)],
    driver: {
      cruiseMps: random.between(...CRUISE_MPS),
      dwellMs,
      haltPerKm: random.between(0.005, 0.04),
    },
    direction: random.chance(0.5) ? 1 : 0,
    metres: driving ? random.between(0.05, 0.95) * there.lengthM : 0,
    speedMps: 0,
    dockedUntil: driving ? null : startMs + FIRST_DEPARTURE_MS + random.between(0.1, 1) * dwellMs,
    haltedUntil: 0,
    cargo: [],
    loaded: false,
    handling: null,
    tagsAboard: [],
    paperwork: [],
  };
}
