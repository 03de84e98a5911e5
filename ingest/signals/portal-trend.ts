import { isWeak, SILENT_MS, type Side, type SideSignal } from "./portal-side.ts";

/**
 * Which way a tag probably went through a portal, when the pass is over and has no sure direction because the strongest
 * reads are missing: a passive tag answers two inquiries in three, and a reader that asks twice a second may miss four in
 * a row. This is no direction, and it moves nothing by itself. The fold weighs it against what it knows of the goods
 * (domain/shipment/tag-evidence.ts).
 *
 *   1. Both sides are loud, and each has changed by 8 dB at least: a tag that lies still, or is heard from afar, does not.
 *   2. What each side heard is fitted with the signal of a tag that goes by: its power falls with the fourth power of the
 *      distance, as that of a passive tag does, and it goes past both sides at the same speed. A read that is missing says
 *      nothing.
 *   3. The tag went in if the outside's peak comes first by half a second at least, that fits the reads well, and every other
 *      order of the peaks fits much worse: the other way round, and both at once, as for goods that turn back at the gate.
 *
 * Example: the inside antenna reads −66, −56, −47, −44 and −50 dBm at −1, 0, 1, 1.5 and 3.5 s, the outside one −54, −57 and
 * −65 dBm at 1.5, 2 and 3 s. When the inside peaks, about 1.9 s, the outside has long been falling: probably in.
 */

/** A side that a moving tag passes changes at least so much, dB. */
const MOVED_DB = 8;
/** How far the tag moves in a second, in distances between its way and the antenna. */
const SPEEDS_PER_S = [0.5, 0.75, 1.1, 1.6, 2.4];
/** A side's peak is looked for in these steps, from so long before its first read until so long after its last, milliseconds. */
const STEP_MS = 100;
const BEYOND_MS = 1_000;
/** The two peaks are at least so far apart, steps. */
const APART_STEPS = 5;
/** How much a read varies about its peak, standard deviation, dB. */
const READ_ERROR_DB = 2.5;
/** By how much the sum of squared errors of every other order must be greater, in variances of a read. */
const WORSE = 3.5;

export function likelyDirection(inside: Side, outside: Side): "in" | "out" | undefined {
  if (!isMoving(inside) || !isMoving(outside)) return undefined;
  const heardAt = [...inside.signal, ...outside.signal].map(([at]) => at);
  const heardInside = withoutStragglers(inside.signal, heardAt);
  const heardOutside = withoutStragglers(outside.signal, heardAt);
  const reads = [...heardInside, ...heardOutside].map(([at]) => at);
  const [from, to] = [Math.min(...reads) - BEYOND_MS, Math.max(...reads) + BEYOND_MS];
  const best = { in: Infinity, out: Infinity, both: Infinity };
  for (const speed of SPEEDS_PER_S) {
    const into = errorsOfPeaks(heardInside, from, to, speed);
    const outOf = errorsOfPeaks(heardOutside, from, to, speed);
    best.in = Math.min(best.in, leastInOrder(outOf, into));
    best.out = Math.min(best.out, leastInOrder(into, outOf));
    best.both = Math.min(best.both, leastTogether(into, outOf));
  }
  if (Math.min(best.in, best.out) > reads.length * READ_ERROR_DB ** 2) return undefined;
  const margin = WORSE * READ_ERROR_DB ** 2;
  if (Math.min(best.out, best.both) - best.in >= margin) return "in";
  if (Math.min(best.in, best.both) - best.out >= margin) return "out";
  return undefined;
}

/** Without reads that no other is near: the gate hears the tag once more, from where it was put down. */
function withoutStragglers(signal: SideSignal, heardAt: readonly number[]): SideSignal {
  const isNear = (at: number) => heardAt.some((other) => other !== at && Math.abs(other - at) < SILENT_MS);
  return signal.filter(([at, , dbm]) => dbm !== null && isNear(at));
}

function isMoving(side: Side): boolean {
  return side.peakDbm !== null && !isWeak(side) && side.peakDbm - weakestDbm(side) >= MOVED_DB;
}

function weakestDbm({ signal }: Side): number {
  return Math.min(...signal.map(([, , dbm]) => dbm ?? Infinity));
}

/** For each moment: the sum of squared errors (dB²) of a peak there, as loud as fits best; Infinity where it would have been heard. */
function errorsOfPeaks(signal: SideSignal, from: number, to: number, speedPerS: number): number[] {
  const errors: number[] = [];
  const [first, last] = [signal[0]?.[0] ?? Infinity, signal.at(-1)?.[0] ?? -Infinity];
  for (let peakAt = from; peakAt <= to; peakAt += STEP_MS) {
    if (peakAt < first - BEYOND_MS || peakAt > last + BEYOND_MS) {
      errors.push(Infinity);
      continue;
    }
    let sum = 0;
    let squares = 0;
    for (const [at, , dbm] of signal) {
      const aside = (speedPerS * (at - peakAt)) / 1_000;
      const peakDbm = dbm! + 20 * Math.log10(1 + aside * aside);
      sum += peakDbm;
      squares += peakDbm * peakDbm;
    }
    errors.push(squares - (sum * sum) / signal.length);
  }
  return errors;
}

/** The least error with a peak of `later` so much after one of `first`. */
function leastInOrder(first: readonly number[], later: readonly number[]): number {
  let [least, leastFirst] = [Infinity, Infinity];
  for (let step = APART_STEPS; step < later.length; step += 1) {
    leastFirst = Math.min(leastFirst, first[step - APART_STEPS]!);
    least = Math.min(least, leastFirst + later[step]!);
  }
  return least;
}

/** The least error with two peaks that are closer. */
function leastTogether(a: readonly number[], b: readonly number[]): number {
  let least = Infinity;
  for (const [step, error] of a.entries()) {
    const from = Math.max(0, step - APART_STEPS + 1);
    for (const other of b.slice(from, step + APART_STEPS)) least = Math.min(least, error + other);
  }
  return least;
}
