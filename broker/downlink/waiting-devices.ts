/** devices that are looked up at a time */
const PAGE = 500;

/** @returns ids in order, of devices for which messages wait, after this one */
type ReadPage = (afterId: string, limit: number) => Promise<string[]>;

/** The devices for which messages wait, page by page, as often as that is asked for. */
export class WaitingDevices {
  readonly #read: ReadPage;
  readonly #filters: () => Iterable<string>;
  /** the last device of the page before; undefined: all pages have been read */
  #after: string | undefined;
  #isReading = false;
  #mustRepeat = false;

  /** @param filters where none has a wildcard in the place of the id, the devices that they name are taken and nothing is read */
  constructor(read: ReadPage, filters: () => Iterable<string>) {
    this.#read = read;
    this.#filters = filters;
  }

  get isDone(): boolean {
    return this.#after === undefined;
  }

  /** From the first page; where some have been read already, these come again after the last one. */
  restart(): void {
    if (this.#after === undefined) this.#after = "";
    else if (this.#isReading || this.#after !== "") this.#mustRepeat = true;
  }

  /** The next page, one at a time. After an error the same one is read again. */
  async next(): Promise<Iterable<string>> {
    const named = devicesNamedBy(this.#filters());
    let last: string | undefined;
    this.#isReading = true;
    try {
      if (named) return named;
      const ids = await this.#read(this.#after ?? "", PAGE);
      if (ids.length === PAGE) last = ids.at(-1);
      return ids;
    } catch (error) {
      last = this.#after;
      throw error;
    } finally {
      this.#isReading = false;
      this.#after = last ?? (this.#mustRepeat ? "" : undefined);
      if (last === undefined) this.#mustRepeat = false;
    }
  }
}

/** @returns the devices whose messages the filters match; undefined: those of any device */
function devicesNamedBy(filters: Iterable<string>): Set<string> | undefined {
  const ids = new Set<string>();
  for (const filter of filters) {
    const [first = "", id] = filter.split("/");
    if (first === "#") return undefined;
    if (!["devices", "+"].includes(first) || id === undefined) continue;
    if (id === "+" || id === "#") return undefined;
    ids.add(id);
  }
  return ids;
}
