import { updateClimate, type Climate, openTruckDoors, visitColdRoom } from "./climate.ts";
import { driveOff, enterPaperwork, packNextPallets } from "./departure.ts";
import { load, LOADING_MS, unload } from "./dock.ts";
import type { WorldEvent } from "./event.ts";
import { buildFleet } from "./fleet.ts";
import { clockErrors, gateSites } from "./gate-sites.ts";
import { trackGeofences } from "./geofences.ts";
import { HANDLING_KINDS, type HandlingKind, type HandlingPlan } from "./handling.ts";
import { isHeldUp, type Jam } from "./jam.ts";
import type { Pallet } from "./pallet.ts";
import { PLAY_PRODUCTS, PRODUCTS } from "./products.ts";
import { createRandom, type Random } from "./random.ts";
import { pickOrRestock, type Shelf } from "./shelf.ts";
import { SITES, siteNamed } from "./sites.ts";
import { drive, nextStop, lastStop, type Truck } from "./truck.ts";
import type { Yard } from "./yard.ts";

/** Step of the simulation, milliseconds. Between steps `poseOf` extrapolates trucks at constant speed. */
export const STEP_MS = 500;
/** Serial references reserved per world; the field holds more than 10¹⁰ (34 bits). */
const SERIALS_PER_WORLD = 1_000_000;
/** Offset between the serial blocks of successive worlds of a platform, which may start in the same minute. */
const SERIALS_APART = 997;

/** A driver who has papers left stops for them after this way, but not after half of it, so long, milliseconds. */
const PAPERWORK_AFTER_M = 3_000;
const PAPERWORK_AFTER_SHARE = 0.45;
const PAPERWORK_MS = 90_000;
/** Doors stay open this long after a truck's arrival or the last loaded pallet, milliseconds. */
const DOORS_OPEN_MS = 45_000;

export interface WorldOptions {
  seed: number;
  /** number of earlier worlds on the platform, so that tags do not repeat (0) */
  earlierWorlds?: number;
  startMs: number;
  trucks: number;
  shelves: number;
  probes: number;
  /** gates at docks (0) */
  gates?: number;
  /** share of shelves whose supplier delivers late, so that they run out (0) */
  stockOuts?: number;
  /** whether there are shelves beside these, with products of their own, for a play (false) */
  playShelves?: boolean;
  /** where goods are held up (nowhere) */
  jam?: Jam | undefined;
  /** how goods are handled (in every way) */
  handling?: readonly HandlingKind[];
}

/** A simulated world. Devices measure it, the operator books it, the evaluator compares the platform with it. */
export interface World {
  /** time of the last step, epoch milliseconds */
  readonly now: number;
  readonly trucks: readonly Truck[];
  readonly shelves: readonly Shelf[];
  readonly climates: readonly Climate[];
  readonly pallets: readonly Pallet[];
  readonly plan: HandlingPlan;
  /** Advances to `untilMs` and returns the events in order of time. Dock events may lie slightly after `untilMs`. */
  advance(untilMs: number): WorldEvent[];
}

export function createWorld(options: WorldOptions): World {
  const { seed, startMs, jam } = options;
  let now = startMs;
  const nth = Math.floor(startMs / 60_000) + (options.earlierWorlds ?? 0) * SERIALS_APART;
  const firstSerial = (nth % 9_000) * SERIALS_PER_WORLD;
  const yard: Yard = { firstSerial, pallets: [], waiting: new Map() };
  const plan = planHandling(options);
  const trucks = buildFleet(options.trucks, seed, startMs, plan);
  const shelves = buildShelves(options);
  if (options.playShelves === true) shelves.push(...buildPlayShelves(shelves.length, startMs));
  const climates = buildClimates(options, trucks);
  const chance = {
    drive: createRandom(seed, "drive"),
    dock: createRandom(seed, "dock"),
    hands: createRandom(seed, "hands"),
    air: createRandom(seed, "air"),
  };
  const crossFences = trackGeofences(trucks, startMs);
  const step = (): WorldEvent[] => {
    now += STEP_MS;
    const events = trucks.flatMap((truck) =>
      isHeldUp(truck, now, jam) && truck.dockedUntil !== null ? [] : stepTruck(truck, now, yard, plan, chance),
    );
    events.push(...crossFences(now));
    for (const shelf of shelves) {
      const change = pickOrRestock(shelf, now, chance.hands);
      if (change)
        events.push({ at: now, type: "shelf-changed", shelf: shelf.number, quantity: shelf.quantity, ...change });
    }
    for (const event of events) {
      const moved = event.type === "pallet-loaded" || event.type === "truck-reached";
      if (moved) openTruckDoors(climates, event.truck, event.at + DOORS_OPEN_MS);
    }
    for (const climate of climates) {
      visitColdRoom(climate, now, chance.air);
      updateClimate(climate, now, STEP_MS, chance.air);
    }
    return events;
  };
  return {
    get now() {
      return now;
    },
    trucks,
    shelves,
    climates,
    pallets: yard.pallets,
    plan,
    advance(untilMs) {
      const events: WorldEvent[] = [];
      for (let steps = Math.floor((untilMs - now) / STEP_MS); steps > 0; steps -= 1) events.push(...step());
      return events.sort((a, b) => a.at - b.at);
    },
  };
}

function planHandling({ gates = 0, handling = HANDLING_KINDS }: WorldOptions): HandlingPlan {
  const gated = gateSites(gates);
  const isOff = handling.includes("clock-off");
  return { kinds: handling, gatedSites: new Set(gated), clockErrors: isOff ? clockErrors(gated) : new Map() };
}

function stepTruck(
  truck: Truck,
  now: number,
  yard: Yard,
  plan: HandlingPlan,
  chance: { drive: Random; dock: Random },
): WorldEvent[] {
  if (truck.dockedUntil === null) {
    const hasReached = drive(truck, now, STEP_MS, chance.drive);
    if (
      truck.paperwork.length > 0 &&
      truck.metres > Math.min(PAPERWORK_AFTER_M, truck.lanes[0].lengthM * PAPERWORK_AFTER_SHARE)
    ) {
      truck.haltedUntil = now + PAPERWORK_MS;
      return enterPaperwork(truck, now);
    }
    if (!hasReached) return [];
    const site = nextStop(truck);
    const events: WorldEvent[] = [{ at: now, type: "truck-reached", truck: truck.name, site }];
    events.push(...unload(truck, now, yard, plan, chance.dock));
    truck.direction = truck.direction === 0 ? 1 : 0;
    Object.assign(truck, { metres: 0, speedMps: 0, loaded: false, dockedUntil: now + truck.driver.dwellMs });
    return events;
  }
  if (!truck.loaded && now >= truck.dockedUntil - LOADING_MS) return load(truck, now, yard, plan, chance.dock);
  if (now < truck.dockedUntil) return [];
  const site = lastStop(truck);
  truck.dockedUntil = null;
  return [
    { at: now, type: "truck-left", truck: truck.name, site },
    ...driveOff(truck, now, chance.dock),
    ...packNextPallets(truck, now, yard, plan, chance.dock),
  ];
}

function buildShelves({ shelves, seed, startMs, stockOuts = 0 }: WorldOptions): Shelf[] {
  const sites = SITES.filter((site) => site.role !== "plant");
  const most = sites.length * PRODUCTS.length;
  if (shelves > most) throw new RangeError(`this world has room for ${most} shelves; --shelves ${shelves} is more`);
  return Array.from({ length: shelves }, (_, index) => {
    const random = createRandom(seed, `shelf/${index}`);
    const site = sites[index % sites.length] ?? random.pick(sites);
    const product = PRODUCTS[Math.floor(index / sites.length) % PRODUCTS.length] ?? random.pick(PRODUCTS);
    const capacity = random.integer(8, 20) * 5;
    const reorderPoint = Math.round(capacity * 0.3);
    const tareGrams = random.integer(8, 30) * 100;
    const quantity = random.integer(Math.ceil(capacity * 0.35), capacity);
    const nextPickAt = startMs + random.between(5_000, 90_000);
    const runsOut = stockOuts > 0 && random.chance(stockOuts);
    return {
      number: index + 1,
      site,
      product,
      tareGrams,
      capacity,
      reorderPoint,
      // Nearly empty, so that there is a stock-out within minutes.
      quantity: runsOut ? Math.min(quantity, 5) : quantity,
      runsOut,
      disturbedUntil: 0,
      nextPickAt,
    };
  });
}

/** At shops to which trucks go every few minutes. @param before number of the other shelves */
function buildPlayShelves(before: number, startMs: number): Shelf[] {
  return ["Shop Munich Freimann", "Shop Nuremberg Hafen"].flatMap((site, at) => {
    const product = PLAY_PRODUCTS[at];
    const number = before + at + 1;
    const full = { tareGrams: 1_200, capacity: 40, reorderPoint: 12, quantity: 40, nextPickAt: startMs };
    return product ? [{ number, site: siteNamed(site), product, ...full, runsOut: false, disturbedUntil: 0 }] : [];
  });
}

/** Half of the probes are in cold trucks, the others in cold rooms of warehouses and shops. */
function buildClimates({ probes, seed, startMs }: WorldOptions, trucks: readonly Truck[]): Climate[] {
  const cold = trucks.filter((truck) => truck.cold).slice(0, Math.ceil(probes / 2));
  const rooms = SITES.filter((site) => site.role === "warehouse" || site.role === "shop");
  return Array.from({ length: probes }, (_, index) => {
    const random = createRandom(seed, `climate/${index}`);
    const truck = cold[index];
    const setCelsius = random.pick([4, 5, 6]);
    return {
      place: truck?.name ?? (rooms[(index - cold.length) % rooms.length] ?? random.pick(rooms)).name,
      inTruck: truck !== undefined,
      setCelsius,
      celsius: setCelsius + random.between(-0.8, 0.8),
      humidity: random.between(0.5, 0.7),
      cooling: false,
      doorOpenUntil: 0,
      nextDoorAt: startMs + random.between(0, 600_000),
    };
  });
}
