import { distanceToEdgeM, type Geofence, middleOf } from "../geo/geofence.ts";
import { DEFAULT_MPS, DETOUR, type Eta } from "./estimate.ts";
import { type LaneSample, type Remaining, remainingDwell, wholeTime } from "./remaining-time.ts";

/*
 * When a vehicle will be at the further stops of its trip: it comes to the next one as estimated (estimate.ts), stands there as long
 * as others did, then takes as long as a run to the one after it, and so on. A stop where nobody was seen to stand is counted with a
 * quarter of an hour. How far the times may be off adds up as independent errors do: by their squares.
 */

const DEFAULT_DWELL: Remaining = { p50Ms: 15 * 60_000, p90Ms: 45 * 60_000, runs: 0 };

/** A stop after the next one. */
export interface FurtherStop {
  /** runs from the stop before it */
  runs: readonly LaneSample[];
  /** of the stop before it */
  from: Geofence | undefined;
  /** of this one */
  to: Geofence | undefined;
  /** how long vehicles stood at the stop before it, milliseconds */
  dwellsMs: readonly number[];
}

export type StopEta = Pick<Eta, "p50" | "p90" | "basis" | "problem" | "runs" | "distanceM" | "positionAt">;

/** @param next the estimate of the next stop @param further the stops after it, in their order @returns of each of these */
export function estimateStops(next: Eta, further: readonly FurtherStop[]): StopEta[] {
  let at = next.p50;
  let squares = next.p50 === null || next.p90 === null ? 0 : (next.p90 - next.p50) ** 2;
  let isGuess = next.basis === "default";
  return further.map(({ runs, from, to, dwellsMs }): StopEta => {
    const { positionAt } = next;
    const unknown = { p50: null, p90: null, basis: "unknown", runs: null, distanceM: null, positionAt } as const;
    if (at === null) return { ...unknown, problem: next.problem };
    const distanceM = from && to && Math.round(Math.max(0, distanceToEdgeM(middleOf(from), to)));
    if (distanceM === undefined) {
      at = null;
      return { ...unknown, problem: "no_geofence" };
    }
    const dwell = remainingDwell(dwellsMs, 0) ?? DEFAULT_DWELL;
    const known = wholeTime(runs, at + dwell.p50Ms);
    const drive = known ?? guess(distanceM);
    at += dwell.p50Ms + drive.p50Ms;
    squares += (dwell.p90Ms - dwell.p50Ms) ** 2 + (drive.p90Ms - drive.p50Ms) ** 2;
    isGuess ||= known === undefined;
    const basis = isGuess ? "default" : "lane_history";
    const p90 = Math.round(at + Math.sqrt(squares));
    const problem = known === undefined ? "too_little_history" : null;
    return { p50: at, p90, basis, problem, runs: known?.runs ?? null, distanceM, positionAt };
  });
}

function guess(distanceM: number): Remaining {
  const p50Ms = Math.round(((distanceM * DETOUR) / DEFAULT_MPS) * 1_000);
  return { p50Ms, p90Ms: 2 * p50Ms, runs: 0 };
}
