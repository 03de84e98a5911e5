/*
 * Where goods that have arrived are put. A site is a location that lies in no other, with everything below it.
 *
 * 1. What a place is for: good goods go to storage, picking and the shop floor, goods on hold and damaged ones to quality.
 * 2. Its storage category is that of the goods: chilled goods lie in a chilled place, and nothing else does. A place without one has
 *    that of the nearest place above.
 * 3. There is room, in the place and in every place that it lies in: units, litres and kilograms.
 * 4. Of the places that fit, one where the same goods lie comes first, then storage before picking before the shop floor, then one that
 *    has room for all, then an empty one, then by name.
 */
import { type Measure, MEASURES } from "./capacity.ts";

export type PlaceKind = "receiving" | "quality" | "storage" | "picking" | "shipping" | "shop_floor";

/** Where goods are put away from. */
export const PUT_AWAY_FROM: readonly PlaceKind[] = ["receiving", "quality"];

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

export interface PlaceFor {
  id: number;
  quantity: number;
  reasons: string[];
}

export interface Suggestion {
  places: PlaceFor[];
  /** what no place was found for */
  unplaced: number;
  /** why, in words */
  problem: string | null;
}

const WORDS: Readonly<Record<PlaceKind, string>> = {
  receiving: "a receiving place",
  quality: "a quality place",
  storage: "a storage place",
  picking: "a picking place",
  shipping: "a shipping place",
  shop_floor: "a shop floor",
};

/** What kinds of places goods in this condition are put to, best first. */
const kindsFor = (condition: string): readonly PlaceKind[] =>
  condition === "good" ? ["storage", "picking", "shop_floor"] : ["quality"];

const UNIT_WORDS: Readonly<Record<Measure, string>> = { units: "units", litres: "litres", kilograms: "kg" };
/** The goods of one position are put to so many places at most. */
const MAX_PLACES = 10;
const BY_NAME = new Intl.Collator("en", { numeric: true });

interface Room {
  /** how many more fit; Infinity: no limit is set */
  units: number;
  /** what sets the limit */
  by?: { place: Place; measure: Measure };
}

/** A site as goods are put away in it from one of its places. What is suggested takes room, so that it is not suggested twice. */
export class Site {
  readonly #places: ReadonlyMap<number, Place>;
  readonly #from: number;
  readonly #isShown: (id: number) => boolean;
  /** places that the goods lie in already: they take no more room there */
  readonly #around: ReadonlySet<number>;
  /** with everything below */
  readonly #used = new Map<number, Record<Measure, number>>();
  readonly #holding = new Set<number>();

  /** @param isShown whether a place may be suggested to, and named to, who asks */
  constructor(places: readonly Place[], from: number, isShown: (id: number) => boolean = () => true) {
    this.#places = new Map(places.map((place) => [place.id, place]));
    this.#from = from;
    this.#isShown = isShown;
    this.#around = new Set(this.#chain(from).map(({ id }) => id));
    for (const { id } of places) this.#used.set(id, { units: 0, litres: 0, kilograms: 0 });
    for (const place of places) this.#add(place.id, place.used, 1);
    for (const { kind, parentId } of places) {
      if (kind !== null && parentId !== null) for (const { id } of this.#chain(parentId)) this.#holding.add(id);
    }
  }

  /** Why goods may not be put to a place; none: they may. */
  reasonsAgainst(id: number, goods: Goods, quantity: number): string[] {
    if (id === this.#from) return ["the goods lie there already"];
    const place = this.#places.get(id);
    if (place === undefined) return ["it lies in another site: move the goods there by an order or a movement"];
    const reasons = [this.#againstKind(place, goods), this.#againstCategory(place, goods)];
    const room = this.#roomIn(place, goods);
    if (room.units < quantity) reasons.push(this.#wordsOf(place, room, goods));
    return reasons.filter((reason) => reason !== undefined);
  }

  /** Where to put goods, and why there; takes the room for them. */
  suggest(goods: Goods): Suggestion {
    const kinds = kindsFor(goods.condition);
    const ofKind = [...this.#places.values()].filter(
      ({ id, kind }) =>
        kind !== null && kinds.includes(kind) && id !== this.#from && !this.#holding.has(id) && this.#isShown(id),
    );
    const fitting = ofKind.filter((place) => this.#againstCategory(place, goods) === undefined);
    const rooms = fitting.map((place) => ({ place, room: this.#roomIn(place, goods) }));
    const order = rooms
      .filter(({ room }) => room.units > 0)
      .map((each) => ({ ...each, rank: this.#rank(each.place, each.room, goods, kinds) }))
      .toSorted(
        (a, b) => compare(a.rank, b.rank) || BY_NAME.compare(a.place.name, b.place.name) || a.place.id - b.place.id,
      );
    const places: PlaceFor[] = [];
    let left = goods.quantity;
    for (const { place } of order) {
      if (left === 0 || places.length === MAX_PLACES) break;
      // Asked again: what was put to a place before may have taken room that both share.
      const room = this.#roomIn(place, goods);
      const quantity = Math.min(left, room.units);
      if (quantity === 0) continue;
      places.push({ id: place.id, quantity, reasons: this.#reasonsFor(place, room, goods) });
      this.#add(place.id, goods.each, quantity);
      left -= quantity;
    }
    return { places, unplaced: left, problem: left === 0 ? null : this.#problem(goods, ofKind, fitting, places) };
  }

  #chain(id: number | null): Place[] {
    const chain: Place[] = [];
    for (let at = id === null ? undefined : this.#places.get(id); at !== undefined;) {
      chain.push(at);
      at = at.parentId === null ? undefined : this.#places.get(at.parentId);
    }
    return chain;
  }

  #add(id: number, of: Readonly<Record<Measure, number | null>>, times: number): void {
    for (const { id: around } of this.#chain(id)) {
      const used = this.#used.get(around)!;
      for (const measure of MEASURES) used[measure] += (of[measure] ?? 0) * times;
    }
  }

  #categoryOf(place: Place): string | null {
    return this.#chain(place.id).find(({ storageCategory }) => storageCategory !== null)?.storageCategory ?? null;
  }

  #roomIn(place: Place, { each }: Goods): Room {
    let room: Room = { units: Number.POSITIVE_INFINITY };
    for (const around of this.#chain(place.id)) {
      if (this.#around.has(around.id)) continue;
      for (const measure of MEASURES) {
        const [capacity, one] = [around.capacity[measure], each[measure]];
        if (capacity === null || one === null) continue;
        // Sums of fractions are not exact.
        const free = (capacity - this.#used.get(around.id)![measure]) / one;
        const units = Math.max(0, Math.floor(free + 1e-6));
        if (units < room.units) room = { units, by: { place: around, measure } };
      }
    }
    return room;
  }

  #rank(place: Place, room: Room, goods: Goods, kinds: readonly PlaceKind[]): number[] {
    return [
      goods.sameAt.has(place.id) ? 0 : 1,
      kinds.indexOf(place.kind!),
      room.units >= goods.quantity ? 0 : 1,
      this.#used.get(place.id)!.units === 0 ? 0 : 1,
    ];
  }

  #reasonsFor(place: Place, room: Room, goods: Goods): string[] {
    const same = goods.sameAt.get(place.id);
    const category = this.#categoryOf(place);
    return [
      `it is ${WORDS[place.kind!]}`,
      ...(same === undefined ? [] : [`${same} of the same lie there already`]),
      ...(category === null ? [] : [`it is for ${category} goods`]),
      ...(same === undefined && this.#used.get(place.id)!.units === 0 ? ["it is empty"] : []),
      room.by === undefined ? "no limit of its room is set" : `it has room for ${room.units} more`,
    ];
  }

  #againstKind({ kind }: Place, { condition }: Goods): string | undefined {
    const kinds = kindsFor(condition);
    if (kind !== null && kinds.includes(kind)) return undefined;
    const wanted = kinds.map((each) => WORDS[each]).join(", ");
    const goods = condition === "good" ? "goods" : condition === "hold" ? "goods on hold" : `${condition} goods`;
    return `it is ${kind === null ? "of no kind" : WORDS[kind]}, and ${goods} are put to ${wanted}`;
  }

  #againstCategory(place: Place, { name, storageCategory }: Goods): string | undefined {
    const category = this.#categoryOf(place);
    if (category === storageCategory) return undefined;
    const takes = category === null ? "goods without a storage category" : `${category} goods`;
    return `it takes ${takes}, and ${name} ${storageCategory === null ? "has no storage category" : `is ${storageCategory}`}`;
  }

  #wordsOf(place: Place, { units, by }: Room, { name }: Goods): string {
    const around = this.#isShown(by!.place.id) ? by!.place.name : "a place";
    const where = by!.place.id === place.id ? "it" : `${around}, where it lies,`;
    const { [by!.measure]: capacity } = by!.place.capacity;
    return `${where} has room for ${units} more of ${name}: its limit is ${capacity} ${UNIT_WORDS[by!.measure]}`;
  }

  #problem(goods: Goods, ofKind: readonly Place[], fitting: readonly Place[], places: readonly PlaceFor[]): string {
    const kinds = kindsFor(goods.condition).map((each) => WORDS[each]);
    if (ofKind.length === 0) return `this site has no place for it: ${kinds.join(", ")}`;
    if (fitting.length === 0) {
      const { storageCategory: category } = goods;
      return category === null
        ? "every place of this site is for goods of a storage category, and this product has none"
        : `no place of this site is for ${category} goods`;
    }
    return places.length === MAX_PLACES ? "the rest fits into further places" : "there is no room for it";
  }
}

function compare(a: readonly number[], b: readonly number[]): number {
  const at = a.findIndex((each, at) => each !== b[at]);
  return at === -1 ? 0 : a[at]! - b[at]!;
}
