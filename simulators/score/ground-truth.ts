import type { WorldEvent } from "../world/event.ts";
import type { Pallet } from "../world/pallet.ts";
import type { Site } from "../world/sites.ts";

export type Stage = Site["stage"] | "transportation";

/** What caused a stage change: the event that a rule should detect. */
export type Cause = "packed" | "departed" | "arrived" | "received" | "delivered" | "refused";

/** From then on this is true of a pallet. Truth is where the trucks were, and what people did. */
export interface StageChange {
  /** epoch milliseconds */
  at: number;
  /** undefined: of goods at the wrong place any stage may be said */
  stage: Stage | undefined;
  /** what the platform may say */
  statuses: readonly string[];
  cause: Cause;
  /** where it is; undefined: on a truck */
  site: string | undefined;
}

/** The true history of one pallet. */
export interface PalletTruth {
  pallet: Pallet;
  stageChanges: StageChange[];
  /** since when it is aboard without anybody having had a chance to know, until the driver enters it */
  unknownSince: number | undefined;
  /** from when on it may be called delivered */
  deliveredAt: number | undefined;
  /** of the truck that carried it, while it did */
  crossings: Crossing[];
}

/** A geofence crossing of a truck that carries goods. */
export interface Crossing {
  /** the platform must tell of it: the truck stops there, or the goods begin or end their way. Of others it may */
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
  const statusAt = (site: Site) => (site.stage === "production" ? "in_production" : "in_storage");

  const addChange = (pallet: Pallet, change: StageChange): void => void pallets.get(pallet)?.stageChanges.push(change);

  /** The truck is over the fence: for the goods it carries this may begin or end their way. */
  const addCrossing = (truck: string, site: Site, at: number, type: Crossing["type"], isStop: boolean): void => {
    const goods = [...(palletsOnTruck.get(truck) ?? [])];
    const crossing = { truck, site: site.name, at, type };
    let isDecisive = false;
    for (const pallet of goods) {
      const truth = pallets.get(pallet);
      const changesStage = type === "departed" ? isUnderWay(truth) === false : pallet.destination === site;
      if (changesStage && type === "departed") {
        const statuses = statusesUnderWay(truth);
        addChange(pallet, { at, stage: "transportation", statuses, cause: "departed", site: undefined });
      } else if (changesStage) {
        addChange(pallet, { at, stage: site.stage, statuses: ["arrived"], cause: "arrived", site: site.name });
      }
      isDecisive ||= changesStage && truth?.unknownSince === undefined;
      truth?.crossings.push({ ...crossing, decisive: changesStage || isStop });
    }
    if (goods.length > 0) crossings.push({ ...crossing, decisive: isDecisive });
  };

  const removeFromTrucks = (pallet: Pallet): void => palletsOnTruck.forEach((goods) => goods.delete(pallet));

  const unload = (pallet: Pallet, site: Site, at: number): void => {
    removeFromTrucks(pallet);
    const truth = pallets.get(pallet);
    const change = { at, cause: "received", site: site.name } as const;
    if (site === pallet.destination) {
      // Nobody has signed for it, and yet it is there.
      addChange(pallet, { ...change, stage: site.stage, statuses: ["arrived", "delivered"] });
      if (truth) truth.deliveredAt ??= at;
    } else if (site.role === "shop") {
      addChange(pallet, { ...change, stage: undefined, statuses: ["exception"] });
    } else {
      const wasBrought = truth?.stageChanges.some(({ cause }) => cause === "arrived") === true;
      const statuses = [statusAt(site), ...(wasBrought ? ["returned"] : [])];
      addChange(pallet, { ...change, stage: site.stage, statuses });
    }
  };

  return {
    pallets,
    crossings,
    shelf: (number) => quantities.get(number) ?? [],
    record(event) {
      const { at } = event;
      switch (event.type) {
        case "pallet-ready": {
          const { pallet, site } = event;
          const first = {
            at,
            stage: site.stage,
            statuses: [statusAt(site)],
            cause: "packed",
            site: site.name,
          } as const;
          const truth = {
            pallet,
            stageChanges: [first],
            unknownSince: undefined,
            deliveredAt: undefined,
            crossings: [],
          };
          pallets.set(pallet, truth);
          break;
        }
        case "pallet-loaded": {
          const { pallet, truck } = event;
          palletsOnTruck.set(truck, (palletsOnTruck.get(truck) ?? new Set()).add(pallet));
          const truth = pallets.get(pallet);
          const isUnknown = event.toldBy === "nobody" && pallet.handling === "late-paperwork";
          if (truth && isUnknown) truth.unknownSince = at;
          // It becomes known on the road: from then on it is under way.
          if (event.isOnRoad) {
            const statuses = statusesUnderWay(truth);
            addChange(pallet, { at, stage: "transportation", statuses, cause: "departed", site: undefined });
          }
          break;
        }
        case "loading-entered": {
          const truth = pallets.get(event.pallet);
          if (truth) truth.unknownSince = undefined;
          break;
        }
        case "truck-left-fence":
          addCrossing(event.truck, event.site, at, "departed", event.isStop);
          break;
        case "truck-entered-fence":
          addCrossing(event.truck, event.site, at, "arrived", event.isStop);
          break;
        case "pallet-unloaded":
          unload(event.pallet, event.site, at);
          break;
        case "pallet-refused": {
          const { pallet, site } = event;
          addChange(pallet, { at, stage: site.stage, statuses: ["returned"], cause: "refused", site: undefined });
          break;
        }
        case "pallet-delivered": {
          const { pallet, site } = event;
          removeFromTrucks(pallet);
          addChange(pallet, { at, stage: site.stage, statuses: ["delivered"], cause: "delivered", site: site.name });
          const truth = pallets.get(pallet);
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

function isUnderWay(truth: PalletTruth | undefined): boolean | undefined {
  return truth && truth.stageChanges.at(-1)?.stage === "transportation";
}

/** On the last leg it is out for delivery. What was at its destination and leaves it again is also called returned. */
function statusesUnderWay(truth: PalletTruth | undefined): readonly string[] {
  const last = truth?.stageChanges.at(-1)?.cause;
  const comesBack = last === "arrived" || last === "refused";
  return ["in_transit", "out_for_delivery", ...(comesBack ? ["returned"] : [])];
}

/** The last entry with a time of `at` or earlier; entries are in order of time. */
export function latestAt<T extends { at: number }>(entries: readonly T[], at: number): T | undefined {
  return entries.findLast((entry) => entry.at <= at);
}
