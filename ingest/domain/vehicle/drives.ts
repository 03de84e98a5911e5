import type { Span } from "../spans.ts";

/*
 * What a vehicle has driven, from the drives that each of its trackers has seen:
 *
 * 1. Drives of several trackers that overlap are one: the one that the best tracker has seen, which is the one with the most of it.
 * 2. The distance is the odometer's where it has one at the begin and at the end, does not go back, and is no more than three times what
 *    the track says, and a kilometre; else the track's. An odometer that was reset or belongs to another vehicle is none.
 * 3. A stop is what lies between two drives. What was before the first and after the last one is none: nobody knows how long.
 */

/** A drive as one tracker has seen it. */
export interface SeenDrive extends Span {
  deviceId: string;
  /** along its smoothed track */
  trackM: number;
}

/** Standings of an odometer, metres; null: not known. */
export interface OdometerStand {
  atStartM: number | null;
  atEndM: number | null;
}

export interface DrivenDistance {
  distanceM: number;
  source: "odometer" | "track";
}

/** A stop after a drive; epoch milliseconds. */
export interface Stop<D> extends Span {
  after: D;
}

const MAX_TIMES_TRACK = 3;
const MARGIN_M = 1_000;

/** @param seen in any order @returns in the order of time, none overlapping */
export function oneVehicleDrives<D extends SeenDrive>(seen: readonly D[]): D[] {
  const best: D[] = [];
  const byLength = seen.toSorted(
    (a, b) => b.to - b.from - (a.to - a.from) || a.from - b.from || (a.deviceId < b.deviceId ? -1 : 1),
  );
  for (const drive of byLength) {
    if (best.every((other) => drive.from >= other.to || drive.to <= other.from)) best.push(drive);
  }
  return best.toSorted((a, b) => a.from - b.from);
}

export function drivenDistance(
  { trackM }: Pick<SeenDrive, "trackM">,
  { atStartM, atEndM }: OdometerStand,
): DrivenDistance {
  if (atStartM === null || atEndM === null) return { distanceM: trackM, source: "track" };
  const distanceM = atEndM - atStartM;
  const isBelievable = distanceM >= 0 && distanceM <= MAX_TIMES_TRACK * trackM + MARGIN_M;
  return isBelievable ? { distanceM, source: "odometer" } : { distanceM: trackM, source: "track" };
}

/** @param drives in the order of time, none overlapping */
export const stopsBetween = <D extends Span>(drives: readonly D[]): Stop<D>[] =>
  drives.slice(1).flatMap(({ from }, at) => {
    const after = drives[at]!;
    return from > after.to ? [{ from: after.to, to: from, after }] : [];
  });
