import type { Reading } from "../../pipeline/reading.ts";

/** Readings remembered per device and kind; enough for a portal's burst and for a reconnecting device's repeats. */
const REMEMBERED = 256;
const FIRST_ROOM = 16;

/**
 * The last readings of one device and kind: what they were and a hash of what they said. In typed arrays, because a
 * million small strings, forgotten in turn, kept the garbage collector busy for 40 % of the time.
 */
export class RecentReadings {
  /** every reading of this kind with a later time of measurement is remembered here */
  completeAfter: number;
  #ts = new Float64Array(FIRST_ROOM);
  #seq = new Float64Array(FIRST_ROOM);
  #hash = new Int32Array(FIRST_ROOM);
  /** EPC and antenna, which are part of a tag read's identity */
  #tags: string[] = [];
  #count = 0;

  constructor(completeAfter: number) {
    this.completeAfter = completeAfter;
  }

  add(arrival: Reading): void {
    const { ts, seq, contentHash } = arrival;
    const at = this.#count % REMEMBERED;
    if (this.#count >= REMEMBERED) this.completeAfter = Math.max(this.completeAfter, this.#ts[at]!);
    else if (at === this.#ts.length) this.#grow();
    this.#ts[at] = ts;
    this.#seq[at] = seq;
    this.#hash[at] = contentHash;
    const tag = tagOf(arrival);
    if (tag !== undefined) this.#tags[at] = tag;
    this.#count += 1;
  }

  /** The hash of the content remembered under this identity. */
  hashOf(arrival: Reading): number | undefined {
    const { ts, seq } = arrival;
    const tag = tagOf(arrival);
    for (let at = Math.min(this.#count, REMEMBERED) - 1; at >= 0; at -= 1) {
      if (this.#ts[at] === ts && this.#seq[at] === seq && this.#tags[at] === tag) return this.#hash[at];
    }
    return undefined;
  }

  #grow(): void {
    const room = Math.min(REMEMBERED, this.#ts.length * 2);
    const grown = { ts: new Float64Array(room), seq: new Float64Array(room), hash: new Int32Array(room) };
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
