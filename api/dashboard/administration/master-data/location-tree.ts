// Locations as the tree that their parents make.

interface Place {
  id: number;
  name: string;
  parent_id: number | null;
}

/** One line of the tree. */
export interface TreeLine<P extends Place> {
  place: P;
  /** 0: it lies in nothing that is shown */
  depth: number;
  /** places that lie directly in it */
  children: number;
}

export class LocationTree<P extends Place> {
  readonly #byId: ReadonlyMap<number, P>;
  /** by their parent; null: those that lie in nothing, or in what the person may not see */
  readonly #below = new Map<number | null, P[]>();

  /** @param places in the order in which they are shown beside each other */
  constructor(places: readonly P[]) {
    this.#byId = new Map(places.map((place) => [place.id, place]));
    for (const place of places) {
      const parent = this.#parentOf(place)?.id ?? null;
      const siblings = this.#below.get(parent);
      if (siblings === undefined) this.#below.set(parent, [place]);
      else siblings.push(place);
    }
  }

  #parentOf({ parent_id: parent }: P): P | undefined {
    return parent === null ? undefined : this.#byId.get(parent);
  }

  /** What a place lies in, the outermost first. */
  above(id: number): P[] {
    const found: P[] = [];
    for (let place = this.#byId.get(id); place !== undefined; place = this.#parentOf(place)) found.unshift(place);
    return found.slice(0, -1);
  }

  /** Its name behind the names of what it lies in. */
  path(id: number): string {
    return [...this.above(id), this.#byId.get(id)].map((place) => place?.name ?? "").join(" › ");
  }

  /** All places, in the order of the tree's list. */
  all(): P[] {
    return [...this.#byId.values()];
  }

  /** Places with others in them. */
  parents(): number[] {
    return [...this.#below.keys()].filter((id) => id !== null);
  }

  /** The lines that are seen while these are unfolded, from the top. */
  lines(unfolded: ReadonlySet<number>): TreeLine<P>[] {
    const found: TreeLine<P>[] = [];
    const visit = (parent: number | null, depth: number): void => {
      for (const place of this.#below.get(parent) ?? []) {
        found.push({ place, depth, children: this.#below.get(place.id)?.length ?? 0 });
        if (unfolded.has(place.id)) visit(place.id, depth + 1);
      }
    };
    visit(null, 0);
    return found;
  }

  /**
   * Places whose path holds these words in their order, of which one at least stands in their own name: "garching 7" finds shelf 7 of
   * Garching, and not all that lies there.
   */
  search(text: string): P[] {
    const words = text
      .toLowerCase()
      .split(/\s+/)
      .filter((word) => word !== "");
    return [...this.#byId.values()].filter(({ id, name }) => {
      const own = name.toLowerCase();
      return words.some((word) => own.includes(word)) && holdsInOrder(this.path(id).toLowerCase(), words);
    });
  }
}

function holdsInOrder(text: string, words: readonly string[]): boolean {
  let from = 0;
  return words.every((word) => {
    const at = text.indexOf(word, from);
    from = at + word.length;
    return at >= 0;
  });
}
