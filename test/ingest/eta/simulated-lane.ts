import { curveOf, type RunFix } from "../../../ingest/domain/eta/progress-curve.ts";
import type { LaneSample } from "../../../ingest/domain/eta/remaining-time.ts";
import { FENCE_M, longLane, type SimulatedRun } from "../../../simulators/world/lane-runs.ts";

const CURVE_FIXES = 16;

/** @param km straight, about */
export function simulatedLane(seed: number, km: number) {
  const lane = longLane(seed, { lat: 48, lon: 11 }, km);
  return { ...lane, destination: { shape: "circle", centre: lane.to, radiusM: FENCE_M } as const };
}
export type SimulatedLane = ReturnType<typeof simulatedLane>;

/** A run as the history keeps it. */
export function sampleOf({ destination }: SimulatedLane, run: SimulatedRun): LaneSample {
  const { departedAt, arrivedAt } = run;
  const kept: RunFix[] = [];
  for (let part = 0; part < CURVE_FIXES; part += 1) {
    const from = departedAt + ((arrivedAt - departedAt) * part) / CURVE_FIXES;
    const fix = run.fixes.find(({ at }) => at >= from);
    if (fix && kept.at(-1) !== fix) kept.push(fix);
  }
  return { departedAt, totalS: (arrivedAt - departedAt) / 1_000, curve: curveOf(kept, run, destination, undefined) };
}
