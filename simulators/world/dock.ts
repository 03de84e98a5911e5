import type { WorldEvent } from "./event.ts";
import type { HandlingPlan } from "./handling.ts";
import type { Pallet } from "./pallet.ts";
import type { Random } from "./random.ts";
import type { Site } from "./sites.ts";
import { lastStop, nextStop, type Truck } from "./truck.ts";
import { collectPallets, putInYard, type Yard } from "./yard.ts";

/** Time a pallet takes between gate and truck, and between one pallet and the next, milliseconds. */
const GATE_TO_TRUCK_MS = 12_000;
const PALLET_INTERVAL_MS = 9_000;
/** Loading begins this long before departure, milliseconds. */
export const LOADING_MS = 50_000;
/** Time from the gate to the yard, milliseconds. */
const GATE_TO_YARD_MS = 20_000;
/** A loading that is entered before the pallet goes out through the gate is entered so long before, milliseconds. */
const ENTERED_BEFORE_MS = 6_000;
/** The gate hears the goods that stay aboard in the yard so long after the truck has come, milliseconds. */
const STRAY_AFTER_MS: readonly [number, number] = [40_000, 80_000];
const REFUSED_AFTER_MS = 50_000;

/** Unloads a truck that has reached a dock: pallets go through the gate, are delivered, or stay aboard. */
export function unload(truck: Truck, at: number, yard: Yard, plan: HandlingPlan, random: Random): WorldEvent[] {
  const site = nextStop(truck);
  if (truck.direction === 1) return bringBack(truck, at, yard);
  const staying = truck.cargo.filter((pallet) => staysAboard(truck, pallet));
  const leaving = truck.cargo.filter((pallet) => !staying.includes(pallet));
  truck.cargo = staying;
  return [
    ...staying.flatMap((pallet) => notTaken(truck, pallet, site, at, random)),
    ...leaving.flatMap((pallet, index) => {
      const through = at + GATE_TO_TRUCK_MS + index * PALLET_INTERVAL_MS;
      return takeOff(truck, pallet, site, through, yard, plan);
    }),
  ];
}

/** Nobody wants it on the first try. */
function staysAboard({ handling }: Truck, pallet: Pallet): boolean {
  return (handling === "returns" || handling === "stray-at-destination") && !pallet.returned;
}

function notTaken({ handling }: Truck, pallet: Pallet, site: Site, at: number, random: Random): WorldEvent[] {
  if (handling === "stray-at-destination") {
    const visit = (["one-read", "alternating", "outward"] as const)[pallet.number % 3]!;
    return [{ at: at + random.between(...STRAY_AFTER_MS), type: "pallet-at-gate", pallet, site, visit }];
  }
  // Every second time there is nobody to refuse it.
  return pallet.number % 2 === 0 ? [] : [{ at: at + REFUSED_AFTER_MS, type: "pallet-refused", pallet, site }];
}

function takeOff(truck: Truck, pallet: Pallet, site: Site, at: number, yard: Yard, plan: HandlingPlan): WorldEvent[] {
  const { name, handling } = truck;
  leaveTruck(truck, pallet, site, at);
  const isGated = plan.gatedSites.has(site);
  const through = { at, type: "pallet-through-gate", pallet, site, direction: "in" } as const;
  const event = { at, pallet, site, truck: name };
  if (site !== pallet.destination) {
    if (handling === "wrong-drop") return [{ ...event, type: "pallet-unloaded", toldBy: "api" }];
    putInYard(yard, site, { pallet, since: at + GATE_TO_YARD_MS });
    const toldBy = handling === "scanner" ? "scan" : isGated ? "gate" : "api";
    return [...(isGated ? [through] : []), { ...event, type: "pallet-unloaded", toldBy }];
  }
  pallet.delivered = true;
  switch (handling) {
    case "gate":
      return [through, { ...event, type: "pallet-delivered", toldBy: "gate" }];
    case "clock-off":
      if (!isGated) return [{ ...event, type: "pallet-delivered", toldBy: "api" }];
      return [through, { ...event, type: "pallet-delivered", toldBy: "gate" }];
    case "reader-aboard":
      return [{ ...event, type: "pallet-delivered", toldBy: "nobody" }];
    case "scanner":
      // He scans it as delivered, or as unloaded only: then nobody says that the receiver has it.
      return [{ ...event, type: pallet.number % 2 === 0 ? "pallet-delivered" : "pallet-unloaded", toldBy: "scan" }];
    default:
      return [{ ...event, type: "pallet-delivered", toldBy: "api" }];
  }
}

/** What was not taken comes home, is put in store, and is sent again. */
function bringBack(truck: Truck, at: number, yard: Yard): WorldEvent[] {
  const site = nextStop(truck);
  const events = truck.cargo.map((pallet, index): WorldEvent => {
    const unloadedAt = at + GATE_TO_TRUCK_MS + index * PALLET_INTERVAL_MS;
    leaveTruck(truck, pallet, site, unloadedAt);
    pallet.returned = true;
    putInYard(yard, site, { pallet, since: unloadedAt + GATE_TO_YARD_MS });
    return { at: unloadedAt, type: "pallet-unloaded", pallet, site, truck: truck.name, toldBy: "api" };
  });
  truck.cargo = [];
  return events;
}

function leaveTruck(truck: Truck, pallet: Pallet, site: Site, at: number): void {
  pallet.whereabouts = { site };
  truck.cargo = truck.cargo.filter((one) => one !== pallet);
  truck.tagsAboard = truck.tagsAboard.filter(({ until }) => until > at - 60_000);
  for (const tag of truck.tagsAboard) if (tag.epc === pallet.epc) tag.until = Math.min(tag.until, at);
}

/** Loads a truck before departure: pallets go through the gate and onto the truck. */
export function load(truck: Truck, at: number, yard: Yard, plan: HandlingPlan, random: Random): WorldEvent[] {
  truck.loaded = true;
  if (truck.direction === 1 || truck.handling === null) return [];
  const site = lastStop(truck);
  const { pallets, events } = collectPallets(truck, at, yard, random);
  truck.cargo = pallets;
  for (const [index, pallet] of pallets.entries()) {
    const through = at + index * PALLET_INTERVAL_MS;
    pallet.whereabouts = { truck: truck.name, from: site, underWay: false };
    if (plan.gatedSites.has(site)) {
      events.push({ at: through, type: "pallet-through-gate", pallet, site, direction: "out" });
    }
    const loadedAt = through + GATE_TO_TRUCK_MS;
    truck.tagsAboard.push({ epc: pallet.epc, since: loadedAt, until: Infinity });
    events.push(...loading(truck, pallet, site, loadedAt));
  }
  return events;
}

/** What becomes known of a loading, and when. */
function loading(truck: Truck, pallet: Pallet, site: Site, loadedAt: number): WorldEvent[] {
  const event = { at: loadedAt, type: "pallet-loaded", pallet, site, truck: truck.name } as const;
  const isOdd = pallet.number % 2 === 1;
  switch (truck.handling) {
    case "reader-aboard":
      return [{ ...event, toldBy: "nobody" }];
    case "scanner":
      return [{ ...event, toldBy: "scan" }];
    case "gate":
      return [{ ...event, at: isOdd ? loadedAt - GATE_TO_TRUCK_MS - ENTERED_BEFORE_MS : loadedAt, toldBy: "api" }];
    case "late-paperwork":
      truck.paperwork.push({ pallet, loadedAt });
      // The other half is loaded when the driver says so.
      return isOdd ? [{ ...event, toldBy: "nobody" }] : [];
    default:
      return [{ ...event, toldBy: "api" }];
  }
}
