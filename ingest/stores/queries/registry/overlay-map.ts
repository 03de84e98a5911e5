/** What a reader needs of a map. */
export interface Lookup<K, V> {
  get(key: K): V | undefined;
  has(key: K): boolean;
}

/** From so many changes on they are merged into a new map: copying 100,000 entries takes about 10 ms. */
const MAX_CHANGES = 1_000;

/**
 * A map that never changes: one with changes shares everything else with it. A batch therefore keeps what it began with
 * while devices are being registered, and a change of one among 100,000 devices copies no others.
 */
export class OverlayMap<K, V> implements Lookup<K, V> {
  readonly #base: ReadonlyMap<K, V>;
  /** undefined: deleted */
  readonly #changes: ReadonlyMap<K, V | undefined>;

  constructor(base: ReadonlyMap<K, V>, changes: ReadonlyMap<K, V | undefined> = new Map()) {
    this.#base = base;
    this.#changes = changes;
  }

  get(key: K): V | undefined {
    if (this.#changes.size === 0) return this.#base.get(key);
    return this.#changes.get(key) ?? (this.#changes.has(key) ? undefined : this.#base.get(key));
  }

  has(key: K): boolean {
    return this.get(key) !== undefined;
  }

  /** This map with other values of some keys; undefined deletes. */
  with(changed: Iterable<readonly [K, V | undefined]>): OverlayMap<K, V> {
    const changes = new Map([...this.#changes, ...changed]);
    if (changes.size <= MAX_CHANGES) return new OverlayMap(this.#base, changes);
    const base = new Map(this.#base);
    for (const [key, value] of changes) {
      if (value === undefined) base.delete(key);
      else base.set(key, value);
    }
    return new OverlayMap(base);
  }
}
