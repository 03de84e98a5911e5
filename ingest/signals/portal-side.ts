/**
 * What the antennas of one side of a portal hear of a tag: their reads in bins of half a second, and what these say of the
 * side alone. portal-pass.ts compares the two sides.
 */

/** Reads of one antenna side within half a second: when the strongest came, how many there were, how strong it was (dBm). */
export type ReadBin = readonly [strongestAt: number, reads: number, dbm: number | null];

/** What one side of a portal has heard lately, in order of time. */
export type SideSignal = readonly ReadBin[];

export const BIN_MS = 500;
/** Reads of the two sides that are no further apart than this can be compared, milliseconds. */
export const BESIDE_MS = 600;
/** A pass takes less than this, milliseconds; what was heard earlier says nothing of it. */
const PASS_MS = 20_000;
export const MIN_READS = 2;
export const FIRM_READS = 3;
/** A side whose signal is so far below its peak is past it, dB. */
const FALLEN_DB = 10;
/** A side that is silent for so long while its reader polls is past its peak, milliseconds. */
export const SILENT_MS = 2_500;
/** A side whose reads are all weaker than this, dBm, needs one read more. */
const WEAK_DBM = -65;

export interface PortalRead {
  ts: number;
  rssi?: number | undefined;
  /** reads that the reader has summed up in this one */
  count?: number | undefined;
}

/** The side's signal with one more read. */
export function addToSignal(signal: SideSignal, { ts, rssi, count = 1 }: PortalRead): SideSignal {
  const reads = Math.max(1, count);
  const isOutdated = signal.length > 0 && signal[0]![0] <= ts - PASS_MS;
  const kept = isOutdated ? signal.filter(([at]) => at > ts - PASS_MS) : signal;
  const last = kept.at(-1);
  if (last === undefined || binOf(last[0]) !== binOf(ts)) {
    return [...kept, [ts, reads, rssi ?? null]];
  }
  const [at, known, dbm] = last;
  const isStronger = rssi !== undefined && dbm !== null && rssi > dbm;
  return [...kept.slice(0, -1), [isStronger ? ts : at, known + reads, isStronger ? rssi : dbm]];
}

function binOf(ts: number): number {
  return Math.floor(ts / BIN_MS);
}

/** A side's signal in numbers. */
export interface Side {
  signal: SideSignal;
  reads: number;
  peakDbm: number | null;
  /** mean time of its reads, weighted by power; without strengths the middle of the reads */
  peakAt: number;
  lastAt: number;
  lastDbm: number | null;
}

export function sideOf(signal: SideSignal): Side {
  let reads = 0;
  let peakDbm: number | null = null;
  for (const [, count, dbm] of signal) {
    reads += count;
    if (dbm !== null && (peakDbm === null || dbm > peakDbm)) peakDbm = dbm;
  }
  const origin = signal[0]![0];
  let weights = 0;
  let sum = 0;
  for (const [at, count, dbm] of signal) {
    const weight = peakDbm === null || dbm === null ? count : 10 ** ((dbm - peakDbm) / 10);
    weights += weight;
    sum += weight * (at - origin);
  }
  const [lastAt, , lastDbm] = signal.at(-1)!;
  return { signal, reads, peakDbm, peakAt: origin + sum / weights, lastAt, lastDbm };
}

/** A weak signal must be read once more. */
export function isReadEnough(side: Side): boolean {
  return side.reads >= (isWeak(side) ? FIRM_READS : MIN_READS);
}

export function isWeak({ peakDbm }: Side): boolean {
  return peakDbm !== null && peakDbm < WEAK_DBM;
}

export function isPast(side: Side, now: number): boolean {
  return now - side.lastAt >= SILENT_MS || fallenDb(side) >= FALLEN_DB;
}

/** How far its last read is below its peak, dB; 0 without strengths. */
export function fallenDb({ peakDbm, lastDbm }: Side): number {
  return peakDbm === null || lastDbm === null ? 0 : peakDbm - lastDbm;
}

/** By how much its two strongest bins are above the mean of all, dB; undefined without strengths. */
export function peakAboveMeanDb({ signal }: Side): number | undefined {
  const levels = signal.flatMap(([, , dbm]) => (dbm === null ? [] : [dbm])).sort((a, b) => b - a);
  return levels.length === 0 ? undefined : mean(levels.slice(0, 2)) - mean(levels);
}

export function nearestTo(bins: SideSignal, at: number): ReadBin {
  return bins.reduce((nearest, bin) => (Math.abs(bin[0] - at) < Math.abs(nearest[0] - at) ? bin : nearest));
}

export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
