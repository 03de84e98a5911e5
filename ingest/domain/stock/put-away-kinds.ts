// Places and goods, what a place is for, and which goods are put to it.
import type { Measure } from "./capacity.ts";

export type PlaceKind = "receiving" | "quality" | "storage" | "picking" | "shipping" | "shop_floor";

/** Where goods are put away from. */
export const PUT_AWAY_FROM: readonly PlaceKind[] = ["receiving", "quality"];

export const KIND_LABELS: Readonly<Record<PlaceKind, string>> = {
  receiving: "a receiving place",
  quality: "a quality place",
  storage: "a storage place",
  picking: "a picking place",
  shipping: "a shipping place",
  shop_floor: "a shop floor",
};

/** What kinds of places goods in this condition are put to, best first. */
export const kindsFor = (condition: string): readonly PlaceKind[] =>
  condition === "good" ? ["storage", "picking", "shop_floor"] : ["quality"];

export interface Place {
  id: number;
  name: string;
  parentId: number | null;
  kind: PlaceKind | null;
  /** its own */
  storageCategory: string | null;
  capacity: Readonly<Record<Measure, number | null>>;
  /** by the stock of the place itself */
  used: Readonly<Record<Measure, number>>;
}

export interface Goods {
  name: string;
  condition: string;
  storageCategory: string | null;
  quantity: number;
  /** what one takes; null: not known, and then not counted */
  each: Readonly<Record<Measure, number | null>>;
  /** how many of the same lie where, by the id of the place */
  sameAt: ReadonlyMap<number, number>;
}
