/** Seeded random numbers: the same seed gives exactly the same world. */
export interface Random {
  /** uniform in [0, 1) */
  next(): number;
  /** uniform in [low, high) */
  between(low: number, high: number): number;
  /** uniform whole number in [low, high] */
  integer(low: number, high: number): number;
  chance(probability: number): boolean;
  pick<T>(values: readonly [T, ...T[]] | readonly T[]): T;
  /** normal, mean 0 */
  gaussian(sigma: number): number;
}

/**
 * @param seed of the whole world
 * @param stream name of an independent sequence: one more truck must not change the numbers of the shelves
 */
export function createRandom(seed: number, stream: string): Random {
  let state = hash(`${seed}/${stream}`);
  /** mulberry32 (T. Ettinger, public domain): 32 bits of state, enough for one day of one device. */
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
  return {
    next,
    between: (low, high) => low + next() * (high - low),
    integer: (low, high) => low + Math.floor(next() * (high - low + 1)),
    chance: (probability) => next() < probability,
    pick(values) {
      const value = values[Math.floor(next() * values.length)];
      if (value === undefined) throw new RangeError("nothing to pick from");
      return value;
    },
    // Box–Muller; 1 − u keeps the logarithm away from zero.
    gaussian: (sigma) => sigma * Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next()),
  };
}

/** FNV-1a, 32 bits. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let i = 0; i < text.length; i += 1) value = Math.imul(value ^ text.charCodeAt(i), 0x01000193);
  return value;
}
