import type { Pallet } from "./pallet.ts";
import type { Site } from "./sites.ts";

/** A true event of the world, at epoch milliseconds. The operator books some events; sensors detect the others. */
export type WorldEvent = { at: number } & (
  | { type: "pallet-ready"; pallet: Pallet; site: Site }
  | { type: "pallet-through-gate"; pallet: Pallet; site: Site; direction: "in" | "out" }
  | { type: "pallet-loaded"; pallet: Pallet; site: Site; truck: string }
  | { type: "pallet-unloaded"; pallet: Pallet; site: Site }
  | { type: "pallet-delivered"; pallet: Pallet; site: Site }
  | { type: "truck-left-fence"; truck: string; site: Site }
  | { type: "truck-entered-fence"; truck: string; site: Site }
  | { type: "truck-left"; truck: string; site: Site }
  | { type: "truck-reached"; truck: string; site: Site }
  | { type: "shelf-changed"; shelf: number; quantity: number }
);
