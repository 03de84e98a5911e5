import type { Site } from "./sites.ts";

/**
 * Ways in which people handle goods. A truck has one of them:
 *
 * - `api`: somebody enters loading, unloading and the proof of delivery.
 * - `gate`: loading is entered, before or after the pass through the gate; the gate at the destination shows the delivery.
 *   Pallets in store are also carried to the gate and back, or stand in its field.
 * - `reader-aboard`: nobody enters anything. A reader on the truck hears the tags from loading to unloading.
 * - `scanner`: the driver's scanner loads, unloads and delivers. It never names a location.
 * - `late-paperwork`: the driver enters the loading while he is on the road, with the time of the loading or of the entry.
 * - `wrong-drop`: the goods are put down at another shop than their destination, every second time.
 * - `returns`: the receiver refuses the goods, or nobody is there. They are driven home, put in store and sent again.
 * - `two-trackers`: the truck has two GPS trackers.
 * - `stray-at-destination`: the gate of the destination hears goods that stay aboard and are driven home.
 * - `clock-off`: the clock of the gates at the origin is 40 s fast. That of a destination's gates is a minute slow: they tell the
 *   delivery, and nothing else does, as if it was before the arrival.
 */
export const HANDLING_KINDS = [
  "api",
  "gate",
  "reader-aboard",
  "scanner",
  "late-paperwork",
  "wrong-drop",
  "returns",
  "two-trackers",
  "stray-at-destination",
  "clock-off",
] as const;

export type HandlingKind = (typeof HANDLING_KINDS)[number];

/** How a platform comes to know of something: by a person's entry, a scan, a gate; `nobody` tells of it. */
export type ReportedBy = "api" | "scan" | "gate" | "nobody";

/** What is possible in a world. */
export interface HandlingPlan {
  kinds: readonly HandlingKind[];
  /** with a gate at their dock */
  gatedSites: ReadonlySet<Site>;
  /** where the clock of the gates is wrong: by how much it is ahead, milliseconds */
  clockErrors: ReadonlyMap<Site, number>;
}

/** Kinds that few routes allow come first. */
const SCARCEST_FIRST: readonly HandlingKind[] = [
  ...(["gate", "stray-at-destination", "reader-aboard", "wrong-drop", "returns"] as const),
  ...(["scanner", "late-paperwork", "two-trackers", "api"] as const),
];

/** Gives one truck after the other a kind that its route allows, so that all kinds are about equally frequent. */
export function distributeHandling(plan: HandlingPlan): (from: Site, to: Site) => HandlingKind | null {
  const trucks = new Map<HandlingKind, number>();
  return (from, to) => {
    const possible = plan.clockErrors.has(from)
      ? (["clock-off"] as const)
      : SCARCEST_FIRST.filter((kind) => plan.kinds.includes(kind) && isPossible(kind, to, plan));
    const kind = [...possible].sort((a, b) => (trucks.get(a) ?? 0) - (trucks.get(b) ?? 0))[0];
    if (kind !== undefined) trucks.set(kind, (trucks.get(kind) ?? 0) + 1);
    return kind ?? null;
  };
}

function isPossible(kind: HandlingKind, to: Site, { gatedSites, clockErrors }: HandlingPlan): boolean {
  switch (kind) {
    case "gate":
      return gatedSites.has(to) && !clockErrors.has(to);
    case "stray-at-destination":
      return to.role === "shop" && gatedSites.has(to);
    case "reader-aboard":
    case "wrong-drop":
    case "returns":
      return to.role === "shop";
    default:
      return true;
  }
}
