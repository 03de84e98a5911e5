/** More layouts than this at once are found out about again and again. */
const MAX_KNOWN = 16;

interface Known<T> {
  names: readonly string[];
  found: T;
}

/**
 * What was found out about objects with the same names in the same order: firmware sends each reading like the one before.
 * To compare names with those of a parsed object takes a fraction of looking each of them up.
 */
export class Layouts<T> {
  readonly #known: Known<T>[] = [];

  /** What was found out about an object with these names in this order; undefined: nothing. */
  of(object: object): T | undefined {
    const known = this.#known;
    for (let at = 0; at < known.length; at += 1) {
      const each = known[at]!;
      if (!hasNames(object, each.names)) continue;
      // Those that come often move to the front.
      if (at > 0) [known[at - 1], known[at]] = [each, known[at - 1]!];
      return each.found;
    }
    return undefined;
  }

  /** @returns `found` */
  remember(object: object, found: T): T {
    if (this.#known.length >= MAX_KNOWN) this.#known.pop();
    this.#known.push({ names: Object.keys(object), found });
    return found;
  }
}

function hasNames(object: object, names: readonly string[]): boolean {
  let at = 0;
  for (const name in object) {
    if (names[at] !== name) return false;
    at += 1;
  }
  return at === names.length;
}
