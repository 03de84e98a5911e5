import type { WorldEvent } from "../world/event.ts";
import type { Pallet } from "../world/pallet.ts";
import type { Site } from "../world/sites.ts";

export type Stage = Site["stage"] | "transportation";

/** What caused a stage change: the event that a rule should detect. */
export type Cause = "packed" | "departed" | "arrived" | "received";

export interface StageChange {
  /** epoch milliseconds */
  at: number;
  stage: Stage;
  cause: Cause;
}

/** The true history of one pallet. */
export interface PalletTruth {
  pallet: Pallet;
  stageChanges: StageChange[];
  deliveredAt: number | undefined;
}

/** A geofence crossing of a truck that carries goods. */
export interface Crossing {
  /** whether it changed the stage of goods: the platform must report these crossings and may report the others */
  decisive: boolean;
  type: "departed" | "arrived";
  truck: string;
  site: string;
  at: number;
}

/** The true history of the world, to compare with the platform's answers. */
export interface GroundTruth {
  record(event: WorldEvent): void;
  pallets: ReadonlyMap<Pallet, PalletTruth>;
  crossings: readonly Crossing[];
  /** true quantities of a shelf by its number, each with the time of its change (epoch milliseconds) */
  shelf(number: number): readonly { at: number; quantity: number }[];
}

/** @param shelves with their quantities at `startMs` */
export function createGroundTruth(
  shelves: readonly { number: number; quantity: number }[],
  startMs: number,
): GroundTruth {
  const pallets = new Map<Pallet, PalletTruth>();
  const palletsOnTruck = new Map<string, Set<Pallet>>();
  const crossings: Crossing[] = [];
  const quantities = new Map(shelves.map(({ number, quantity }) => [number, [{ at: startMs, quantity }]]));

  const addStageChange = (pallet: Pallet, at: number, stage: Stage, cause: Cause): boolean => {
    const truth = pallets.get(pallet);
    if (!truth || truth.stageChanges.at(-1)?.stage === stage) return false;
    truth.stageChanges.push({ at, stage, cause });
    return true;
  };

  /** Adds a crossing. A departure puts all goods in transport; an arrival changes those destined for the site. */
  const addCrossing = (truck: string, site: Site, at: number, type: Crossing["type"]): void => {
    const goods = [...(palletsOnTruck.get(truck) ?? [])];
    const concerned = type === "departed" ? goods : goods.filter(({ destination }) => destination === site);
    const stage = type === "departed" ? "transportation" : site.stage;
    const turned = concerned.filter((pallet) => addStageChange(pallet, at, stage, type));
    if (goods.length > 0) crossings.push({ decisive: turned.length > 0, type, truck, site: site.name, at });
  };

  const removeFromTrucks = (pallet: Pallet): void => palletsOnTruck.forEach((goods) => goods.delete(pallet));

  return {
    pallets,
    crossings,
    shelf: (number) => quantities.get(number) ?? [],
    record(event) {
      const { at } = event;
      switch (event.type) {
        case "pallet-ready":
          pallets.set(event.pallet, { pallet: event.pallet, stageChanges: [], deliveredAt: undefined });
          addStageChange(event.pallet, at, event.site.stage, "packed");
          break;
        case "pallet-loaded":
          palletsOnTruck.set(event.truck, (palletsOnTruck.get(event.truck) ?? new Set()).add(event.pallet));
          break;
        case "truck-left-fence":
          addCrossing(event.truck, event.site, at, "departed");
          break;
        case "truck-entered-fence":
          addCrossing(event.truck, event.site, at, "arrived");
          break;
        case "pallet-unloaded":
          removeFromTrucks(event.pallet);
          addStageChange(event.pallet, at, event.site.stage, "received");
          break;
        case "pallet-delivered": {
          removeFromTrucks(event.pallet);
          const truth = pallets.get(event.pallet);
          if (truth) truth.deliveredAt = at;
          break;
        }
        case "shelf-changed":
          quantities.get(event.shelf)?.push({ at, quantity: event.quantity });
          break;
        default:
      }
    },
  };
}

/** The last entry with a time of `at` or earlier; entries are in order of time. */
export function latestAt<T extends { at: number }>(entries: readonly T[], at: number): T | undefined {
  return entries.findLast((entry) => entry.at <= at);
}
