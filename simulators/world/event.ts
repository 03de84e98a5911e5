import type { ReportedBy } from "./handling.ts";
import type { Pallet } from "./pallet.ts";
import type { ShelfChange } from "./shelf.ts";
import type { Site } from "./sites.ts";

/** How a gate reads a tag that does not go through it. */
export type GateApproach = "to-and-back" | "parked" | "one-read" | "alternating" | "outward";

/** A true event of the world, at epoch milliseconds. The operator books some events; sensors detect the others. */
export type WorldEvent = { at: number } & (
  | { type: "pallet-ready"; pallet: Pallet; site: Site }
  | { type: "pallet-through-gate"; pallet: Pallet; site: Site; direction: "in" | "out" }
  | { type: "pallet-at-gate"; pallet: Pallet; site: Site; visit: GateApproach }
  /** `isOnRoad`: it counts as loaded when the driver enters it, and by then he has left */
  | { type: "pallet-loaded"; pallet: Pallet; site: Site; truck: string; toldBy: ReportedBy; isOnRoad?: true }
  /** somebody enters a loading of which nobody has told yet; `loadedAt` is the time he enters */
  | { type: "loading-entered"; pallet: Pallet; truck: string; loadedAt: number }
  | { type: "pallet-unloaded"; pallet: Pallet; site: Site; truck: string; toldBy: ReportedBy }
  | { type: "pallet-delivered"; pallet: Pallet; site: Site; truck: string; toldBy: ReportedBy }
  | { type: "pallet-refused"; pallet: Pallet; site: Site }
  /** `isStop`: the truck loads or unloads there */
  | { type: "truck-left-fence"; truck: string; site: Site; isStop: boolean }
  | { type: "truck-entered-fence"; truck: string; site: Site; isStop: boolean }
  | { type: "truck-left"; truck: string; site: Site }
  | { type: "truck-reached"; truck: string; site: Site }
  | ({ type: "shelf-changed"; shelf: number; quantity: number } & ShelfChange)
);
