import type { WorldEvent } from "./event.ts";
import type { HandlingPlan } from "./handling.ts";
import type { Random } from "./random.ts";
import { lastStop, type Truck } from "./truck.ts";
import { destinationFor, makePallet, PALLETS_PER_TRIP, putInYard, type Yard } from "./yard.ts";

/** The driver has stopped on the road and enters what he has loaded. */
export function enterPaperwork(truck: Truck, at: number): WorldEvent[] {
  const entries = truck.paperwork.map(({ pallet, loadedAt }): WorldEvent => {
    const known = { at, pallet, truck: truck.name };
    if (pallet.number % 2 === 1) return { ...known, type: "loading-entered", loadedAt };
    return { ...known, type: "pallet-loaded", site: lastStop(truck), toldBy: "api", isOnRoad: true };
  });
  truck.paperwork = [];
  return entries;
}

/** The truck drives off: in its yard the gate may still hear what it carries. */
export function driveOff(truck: Truck, at: number, random: Random): WorldEvent[] {
  const site = lastStop(truck);
  for (const pallet of truck.cargo) pallet.whereabouts = { truck: truck.name, from: site, underWay: true };
  if (truck.handling !== "clock-off" || truck.direction === 1) return [];
  return truck.cargo.map((pallet): WorldEvent => {
    return { at: at + random.between(15_000, 30_000), type: "pallet-at-gate", pallet, site, visit: "one-read" };
  });
}

/** A truck has left with its goods: what it or another shall fetch next is packed, and waits, often for minutes. */
export function packNextPallets(
  truck: Truck,
  at: number,
  yard: Yard,
  plan: HandlingPlan,
  random: Random,
): WorldEvent[] {
  const { handling } = truck;
  if (truck.direction === 1 || handling === null || handling === "wrong-drop") return [];
  const site = lastStop(truck);
  const packed = Array.from({ length: random.integer(...PALLETS_PER_TRIP) }, () =>
    makePallet(site, destinationFor(truck, random), handling, yard, random),
  );
  for (const pallet of packed) putInYard(yard, site, { pallet, since: at });
  return packed.flatMap((pallet): WorldEvent[] => {
    const ready: WorldEvent = { at, type: "pallet-ready", pallet, site };
    if (handling !== "gate" || !plan.gatedSites.has(site)) return [ready];
    const visit = pallet.number % 2 === 1 ? "to-and-back" : "parked";
    return [ready, { at: at + random.between(15_000, 40_000), type: "pallet-at-gate", pallet, site, visit }];
  });
}
