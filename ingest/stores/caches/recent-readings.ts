import type { Reading } from "../../pipeline/reading.ts";

/** Readings kept per device and kind: enough for the burst of a portal and for the repeats of a device that reconnects. */
const CAPACITY = 256;
const INITIAL_CAPACITY = 16;

/**
 * Identities and content hashes of the last readings of one device and kind, in a ring. In typed arrays, because creating
 * and dropping a million small strings kept the garbage collector busy for 40 % of the time.
 */
export class RecentReadings {
  /** every stored reading of this kind with a later time of measurement is in the ring */
  completeAfter: number;
  #ts = new Float64Array(INITIAL_CAPACITY);
  #seq = new Float64Array(INITIAL_CAPACITY);
  #hash = new Int32Array(INITIAL_CAPACITY);
  /** EPC and antenna, which are part of a tag read's identity */
  #tags: string[] = [];
  #count = 0;

  constructor(completeAfter: number) {
    this.completeAfter = completeAfter;
  }

  add(reading: Reading): void {
    const { ts, seq, contentHash } = reading;
    const at = this.#count % CAPACITY;
    if (this.#count >= CAPACITY) this.completeAfter = Math.max(this.completeAfter, this.#ts[at]!);
    else if (at === this.#ts.length) this.#grow();
    this.#ts[at] = ts;
    this.#seq[at] = seq;
    this.#hash[at] = contentHash;
    const tag = tagOf(reading);
    if (tag !== undefined) this.#tags[at] = tag;
    this.#count += 1;
  }

  /** The content hash of the reading with this identity; undefined when it is not in the ring. */
  hashOf(reading: Reading): number | undefined {
    const { ts, seq } = reading;
    const tag = tagOf(reading);
    for (let at = Math.min(this.#count, CAPACITY) - 1; at >= 0; at -= 1) {
      if (this.#ts[at] === ts && this.#seq[at] === seq && this.#tags[at] === tag) return this.#hash[at];
    }
    return undefined;
  }

  #grow(): void {
    const capacity = Math.min(CAPACITY, this.#ts.length * 2);
    const grown = { ts: new Float64Array(capacity), seq: new Float64Array(capacity), hash: new Int32Array(capacity) };
    grown.ts.set(this.#ts);
    grown.seq.set(this.#seq);
    grown.hash.set(this.#hash);
    this.#ts = grown.ts;
    this.#seq = grown.seq;
    this.#hash = grown.hash;
  }
}

function tagOf({ content }: Reading): string | undefined {
  return "epc" in content ? `${content.antenna ?? 0} ${content.epc}` : undefined;
}
