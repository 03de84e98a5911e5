import { LRUCache } from "lru-cache";

/** Every connection of the pool keeps this many prepared statements at most, some 100 kB each in its Postgres process. */
const MAX_PREPARED = 64;
/** What comes this often is worth preparing. */
const PREPARE_AT_USE = 3;
/** Statements that are counted and not prepared yet. */
const MAX_COUNTED = 256;

/**
 * Names under which the driver prepares statements. A name is given once and for ever, because the driver refuses another
 * text under a known name; so only texts that come again get one, and when all names are given the others run unprepared.
 */
export class StatementNames {
  readonly #names = new Map<string, string>();
  readonly #uses = new LRUCache<string, number>({ max: MAX_COUNTED });
  readonly #prefix: string;

  constructor(prefix: string) {
    this.#prefix = prefix;
  }

  /** @returns undefined: run it unprepared */
  nameOf(text: string): string | undefined {
    const known = this.#names.get(text);
    if (known !== undefined || this.#names.size >= MAX_PREPARED) return known;
    const uses = (this.#uses.get(text) ?? 0) + 1;
    if (uses < PREPARE_AT_USE) {
      this.#uses.set(text, uses);
      return undefined;
    }
    this.#uses.delete(text);
    const name = `${this.#prefix}_${this.#names.size}`;
    this.#names.set(text, name);
    return name;
  }
}
