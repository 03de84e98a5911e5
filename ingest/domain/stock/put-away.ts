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
import { type Goods, KIND_LABELS, kindsFor, type Place, type PlaceKind } from "./put-away-kinds.ts";

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

const UNIT_LABELS: Readonly<Record<Measure, string>> = { units: "units", litres: "litres", kilograms: "kg" };
/** The goods of one position are put to so many places at most. */
const MAX_PLACES = 10;
const BY_NAME = new Intl.Collator("en", { numeric: true });

/** What bounds the room of a place: its own capacity, or that of a place around it. */
interface Limit {
  place: Place;
  measure: Measure;
  capacity: number;
  /** as it is now */
  used: Readonly<Record<Measure, number>>;
}

interface Candidates {
  ofKind: readonly Place[];
  /** of these, those of the storage category */
  fitting: readonly Place[];
}

interface Room {
  /** how many more fit; Infinity: no limit is set */
  units: number;
  /** what sets the limit */
  by?: Limit;
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
  readonly #byName: readonly Place[];
  /** each place with those that it lies in */
  readonly #chains = new Map<number, readonly Place[]>();
  readonly #limits = new Map<number, readonly Limit[]>();
  readonly #categories = new Map<number, string | null>();
  readonly #candidates = new Map<string, Candidates>();

  /** @param isShown whether a place may be suggested to, and named to, who asks */
  constructor(places: readonly Place[], from: number, isShown: (id: number) => boolean = () => true) {
    this.#places = new Map(places.map((place) => [place.id, place]));
    this.#from = from;
    this.#isShown = isShown;
    this.#byName = places.toSorted((a, b) => BY_NAME.compare(a.name, b.name) || a.id - b.id);
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
    const { ofKind, fitting } = this.#candidatesFor(goods, kinds);
    const places: PlaceFor[] = [];
    let left = goods.quantity;
    while (left > 0 && places.length < MAX_PLACES) {
      const best = this.#bestOf(fitting, { ...goods, quantity: left }, kinds);
      if (best === undefined) break;
      const quantity = Math.min(left, best.room.units);
      places.push({ id: best.place.id, quantity, reasons: this.#reasonsFor(best.place, best.room, goods) });
      this.#add(best.place.id, goods.each, quantity);
      left -= quantity;
    }
    return { places, unplaced: left, problem: left === 0 ? null : this.#problem(goods, ofKind, fitting, places) };
  }

  /** The same for all goods of a category. */
  #candidatesFor(goods: Goods, kinds: readonly PlaceKind[]): Candidates {
    const key = JSON.stringify([kinds, goods.storageCategory]);
    const known = this.#candidates.get(key);
    if (known !== undefined) return known;
    const ofKind = this.#byName.filter(
      ({ id, kind }) =>
        kind !== null && kinds.includes(kind) && id !== this.#from && !this.#holding.has(id) && this.#isShown(id),
    );
    const fitting = ofKind.filter((place) => this.#againstCategory(place, goods) === undefined);
    this.#candidates.set(key, { ofKind, fitting });
    return { ofKind, fitting };
  }

  /** By one look at each: a site may have thousands. Of equal ones the first by name. */
  #bestOf(
    places: readonly Place[],
    goods: Goods,
    kinds: readonly PlaceKind[],
  ): { place: Place; room: Room } | undefined {
    let best: { place: Place; room: Room; rank: number } | undefined;
    for (const place of places) {
      const room = this.#roomIn(place, goods);
      if (room.units === 0) continue;
      const rank = this.#rank(place, room, goods, kinds);
      if (best === undefined || rank < best.rank) best = { place, room, rank };
    }
    return best;
  }

  #chain(id: number): readonly Place[] {
    const known = this.#chains.get(id);
    if (known !== undefined) return known;
    const place = this.#places.get(id);
    if (place === undefined) return [];
    const chain = [place, ...(place.parentId === null ? [] : this.#chain(place.parentId))];
    this.#chains.set(id, chain);
    return chain;
  }

  #add(id: number, of: Readonly<Record<Measure, number | null>>, times: number): void {
    for (const { id: around } of this.#chain(id)) {
      const used = this.#used.get(around)!;
      for (const measure of MEASURES) used[measure] += (of[measure] ?? 0) * times;
    }
  }

  #categoryOf({ id }: Place): string | null {
    const known = this.#categories.get(id);
    if (known !== undefined) return known;
    const found = this.#chain(id).find(({ storageCategory }) => storageCategory !== null)?.storageCategory ?? null;
    this.#categories.set(id, found);
    return found;
  }

  #limitsOf({ id }: Place): readonly Limit[] {
    const known = this.#limits.get(id);
    if (known !== undefined) return known;
    const limits = this.#chain(id)
      .filter((around) => !this.#around.has(around.id))
      .flatMap((place) =>
        MEASURES.flatMap((measure) => {
          const capacity = place.capacity[measure];
          return capacity === null ? [] : [{ place, measure, capacity, used: this.#used.get(place.id)! }];
        }),
      );
    this.#limits.set(id, limits);
    return limits;
  }

  #roomIn(place: Place, { each }: Goods): Room {
    let room: Room = { units: Number.POSITIVE_INFINITY };
    for (const by of this.#limitsOf(place)) {
      const one = each[by.measure];
      if (one === null) continue;
      // Sums of fractions are not exact.
      const units = Math.max(0, Math.floor((by.capacity - by.used[by.measure]) / one + 1e-6));
      if (units < room.units) room = { units, by };
    }
    return room;
  }

  /** Lower is better. */
  #rank(place: Place, room: Room, goods: Goods, kinds: readonly PlaceKind[]): number {
    const other = goods.sameAt.has(place.id) ? 0 : 1;
    const part = room.units >= goods.quantity ? 0 : 1;
    const mixed = this.#used.get(place.id)!.units === 0 ? 0 : 1;
    return ((other * kinds.length + kinds.indexOf(place.kind!)) * 2 + part) * 2 + mixed;
  }

  #reasonsFor(place: Place, room: Room, goods: Goods): string[] {
    const same = goods.sameAt.get(place.id);
    const category = this.#categoryOf(place);
    return [
      `it is ${KIND_LABELS[place.kind!]}`,
      ...(same === undefined ? [] : [`${same} of the same lie there already`]),
      ...(category === null ? [] : [`it is for ${category} goods`]),
      ...(same === undefined && this.#used.get(place.id)!.units === 0 ? ["it is empty"] : []),
      room.by === undefined ? "no limit of its room is set" : `it has room for ${room.units} more`,
    ];
  }

  #againstKind({ kind }: Place, { condition }: Goods): string | undefined {
    const kinds = kindsFor(condition);
    if (kind !== null && kinds.includes(kind)) return undefined;
    const wanted = kinds.map((each) => KIND_LABELS[each]).join(", ");
    const goods = condition === "good" ? "goods" : condition === "hold" ? "goods on hold" : `${condition} goods`;
    return `it is ${kind === null ? "of no kind" : KIND_LABELS[kind]}, and ${goods} are put to ${wanted}`;
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
    return `${where} has room for ${units} more of ${name}: its limit is ${by!.capacity} ${UNIT_LABELS[by!.measure]}`;
  }

  #problem(goods: Goods, ofKind: readonly Place[], fitting: readonly Place[], places: readonly PlaceFor[]): string {
    const kinds = kindsFor(goods.condition).map((each) => KIND_LABELS[each]);
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
