import type { WorldEvent } from "./event.ts";
import { type Pallet, palletEpc } from "./pallet.ts";
import { PRODUCTS } from "./products.ts";
import type { Random } from "./random.ts";
import { ROUNDS, SHUTTLES, type Site, siteNamed } from "./sites.ts";
import { nextStop, lastStop, type Truck } from "./truck.ts";

/** Time a pallet takes between gate and truck, and between one pallet and the next, milliseconds. */
const GATE_TO_TRUCK_MS = 12_000;
const PALLET_INTERVAL_MS = 9_000;
const PALLETS_PER_TRIP: readonly [number, number] = [1, 3];
/** Pallets per truck. Waiting pallets are loaded first. */
const TRUCK_CAPACITY = 4;
/** Loading begins this long before departure, milliseconds. */
export const LOADING_MS = 50_000;

/** Time from the gate to the yard, milliseconds. */
const GATE_TO_YARD_MS = 20_000;

/** The waiting pallets of all sites, and the numbering of pallets. */
export interface Yard {
  /** first serial reference of this world's tags: two worlds must not share tags */
  firstSerial: number;
  pallets: Pallet[];
  waiting: Map<Site, WaitingPallet[]>;
}

interface WaitingPallet {
  pallet: Pallet;
  /** when it reaches the yard, epoch milliseconds: it can be loaded from then on */
  since: number;
}

/** Unloads a truck that has reached a dock: pallets go through the gate, or are delivered at a shop. */
export function unload(truck: Truck, at: number, yard: Yard): WorldEvent[] {
  const site = nextStop(truck);
  const events = truck.cargo.flatMap((pallet, index): WorldEvent[] => {
    const through = at + GATE_TO_TRUCK_MS + index * PALLET_INTERVAL_MS;
    pallet.whereabouts = { site };
    if (site === pallet.destination) {
      pallet.delivered = site.role === "shop";
      return [{ at: through, type: pallet.delivered ? "pallet-delivered" : "pallet-unloaded", pallet, site }];
    }
    const since = through + GATE_TO_YARD_MS;
    yard.waiting.set(site, [...(yard.waiting.get(site) ?? []), { pallet, since }]);
    return [
      { at: through, type: "pallet-through-gate", pallet, site, direction: "in" },
      { at: through, type: "pallet-unloaded", pallet, site },
    ];
  });
  truck.cargo = [];
  return events;
}

/** Loads a truck before departure: pallets go through the gate and onto the truck. */
export function load(truck: Truck, at: number, yard: Yard, random: Random): WorldEvent[] {
  truck.loaded = true;
  if (truck.direction === 1) return [];
  const site = lastStop(truck);
  const next = nextStop(truck);
  const { pallets, events } = collectPallets(site, next, at, yard, random);
  truck.cargo = pallets;
  for (const [index, pallet] of pallets.entries()) {
    const through = at + index * PALLET_INTERVAL_MS;
    pallet.whereabouts = { truck: truck.name, from: site, underWay: false };
    events.push(
      { at: through, type: "pallet-through-gate", pallet, site, direction: "out" },
      { at: through + GATE_TO_TRUCK_MS, type: "pallet-loaded", pallet, site, truck: truck.name },
    );
  }
  return events;
}

/** After a truck has left, packs pallets for the next one; they wait in the yard. */
export function packNextPallets(truck: Truck, at: number, yard: Yard, random: Random): WorldEvent[] {
  if (truck.direction === 1) return [];
  const site = lastStop(truck);
  const packed = Array.from({ length: random.integer(...PALLETS_PER_TRIP) }, () =>
    makePallet(site, destinationOf(nextStop(truck), random), yard, random),
  );
  yard.waiting.set(site, [...(yard.waiting.get(site) ?? []), ...packed.map((pallet) => ({ pallet, since: at }))]);
  return packed.map((pallet) => ({ at, type: "pallet-ready", pallet, site }));
}

function collectPallets(site: Site, next: Site, at: number, yard: Yard, random: Random) {
  const wanted = random.integer(...PALLETS_PER_TRIP);
  const waiting = yard.waiting.get(site) ?? [];
  const ready = waiting.filter(({ pallet, since }) => isBoundFor(pallet, next) && since <= at).slice(0, TRUCK_CAPACITY);
  yard.waiting.set(
    site,
    waiting.filter((one) => !ready.includes(one)),
  );
  const pallets = ready.map(({ pallet }) => pallet);
  const events: WorldEvent[] = [];
  while (pallets.length < wanted) {
    const pallet = makePallet(site, destinationOf(next, random), yard, random);
    pallets.push(pallet);
    // Missing pallets are packed shortly before loading.
    events.push({ at: at - random.between(5_000, 20_000), type: "pallet-ready", pallet, site });
  }
  return { pallets, events };
}

/** Whether a truck to `next` takes the pallet: `next` is its destination or the warehouse that serves it. */
function isBoundFor({ destination }: Pallet, next: Site): boolean {
  return destination === next || (next.role === "warehouse" && sitesServedBy(next).includes(destination));
}

/** Goods to a warehouse are destined for one of its shops, goods to a shop for that shop. */
function destinationOf(next: Site, random: Random): Site {
  return next.role === "shop" ? next : random.pick(sitesServedBy(next));
}

function sitesServedBy({ name }: Site): Site[] {
  return [...ROUNDS, ...SHUTTLES].filter(([warehouse]) => warehouse === name).map(([, shop]) => siteNamed(shop));
}

function makePallet(origin: Site, destination: Site, yard: Yard, random: Random): Pallet {
  const number = yard.pallets.length + 1;
  const pallet: Pallet = {
    number,
    epc: palletEpc(yard.firstSerial + number),
    product: random.pick(PRODUCTS),
    quantity: random.integer(4, 48) * 10,
    origin,
    destination,
    whereabouts: { site: origin },
    delivered: false,
  };
  yard.pallets.push(pallet);
  return pallet;
}
