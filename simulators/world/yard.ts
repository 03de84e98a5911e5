import type { WorldEvent } from "./event.ts";
import { distanceM } from "./geometry.ts";
import type { HandlingKind } from "./handling.ts";
import { type Pallet, palletEpc } from "./pallet.ts";
import { PRODUCTS } from "./products.ts";
import type { Random } from "./random.ts";
import { ROUNDS, SHUTTLES, type Site, SITES, siteNamed } from "./sites.ts";
import { lastStop, nextStop, type Truck } from "./truck.ts";

export const PALLETS_PER_TRIP: readonly [number, number] = [1, 3];
/** Pallets per truck. Waiting pallets are loaded first. */
const TRUCK_CAPACITY = 4;
/** So much of what such a driver carries is meant for another shop. */
const WRONG_SHARE = 0.5;
/** A driver who puts goods down at the wrong shop is so far from the right one, metres. */
const WRONG_SHOP_M = 3_000;
/** One in so many is promised earlier than it can be there. */
const PROMISED_TOO_EARLY = 1 / 8;
const PROMISED_EARLY_MS: readonly [number, number] = [120_000, 480_000];
const PROMISED_MS: readonly [number, number] = [5_400_000, 14_400_000];

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

export function putInYard(yard: Yard, site: Site, waiting: WaitingPallet): void {
  yard.waiting.set(site, [...(yard.waiting.get(site) ?? []), waiting]);
}

/** What the truck takes: what waits for where it goes, and what is packed for it in haste. */
export function collectPallets(truck: Truck, at: number, yard: Yard, random: Random) {
  const site = lastStop(truck);
  const wanted = random.integer(...PALLETS_PER_TRIP);
  const waiting = yard.waiting.get(site) ?? [];
  const fits = ({ pallet, since }: WaitingPallet) =>
    truck.handling !== "wrong-drop" && isFor(truck, pallet) && since <= at;
  const ready = waiting.filter(fits).slice(0, TRUCK_CAPACITY);
  yard.waiting.set(
    site,
    waiting.filter((one) => !ready.includes(one)),
  );
  const pallets = ready.map(({ pallet }) => pallet);
  for (const pallet of pallets) if (!pallet.returned) pallet.handling = truck.handling;
  const events: WorldEvent[] = [];
  while (pallets.length < wanted) {
    const pallet = makePallet(site, destinationFor(truck, random), truck.handling, yard, random);
    pallets.push(pallet);
    events.push({ at: at - random.between(10_000, 20_000), type: "pallet-ready", pallet, site });
  }
  return { pallets, events };
}

/** Whether the truck takes it: straight to its destination, or from a plant to the warehouse that serves it. */
function isFor(truck: Truck, { destination }: Pallet): boolean {
  const next = nextStop(truck);
  return destination === next || (next.role === "warehouse" && sitesServedBy(next).includes(destination));
}

/** What a truck brings to a warehouse is meant for one of its shops; what it brings to a shop is meant for it. */
export function destinationFor(truck: Truck, random: Random): Site {
  const next = nextStop(truck);
  // What a gate shall show as delivered has no further way.
  if (truck.handling === "gate") return next;
  if (truck.handling === "wrong-drop" && random.chance(WRONG_SHARE)) {
    const ends = [next, lastStop(truck)];
    const others = SITES.filter(({ role }) => role === "shop");
    return random.pick(others.filter((shop) => ends.every((end) => distanceM(end, shop) > WRONG_SHOP_M)));
  }
  return next.role === "shop" ? next : random.pick(sitesServedBy(next));
}

function sitesServedBy({ name }: Site): Site[] {
  return [...ROUNDS, ...SHUTTLES].filter(([warehouse]) => warehouse === name).map(([, shop]) => siteNamed(shop));
}

export function makePallet(
  origin: Site,
  destination: Site,
  handling: HandlingKind | null,
  yard: Yard,
  random: Random,
): Pallet {
  const number = yard.pallets.length + 1;
  const promised = random.chance(PROMISED_TOO_EARLY) ? PROMISED_EARLY_MS : PROMISED_MS;
  const pallet: Pallet = {
    number,
    epc: palletEpc(yard.firstSerial + number),
    product: random.pick(PRODUCTS),
    quantity: random.integer(4, 48) * 10,
    origin,
    destination,
    whereabouts: { site: origin },
    delivered: false,
    handling,
    returned: false,
    promisedWithinMs: random.between(...promised),
  };
  yard.pallets.push(pallet);
  return pallet;
}
