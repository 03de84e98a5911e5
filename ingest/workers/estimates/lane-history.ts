import type { Pool, PoolClient } from "pg";
import type { Logger } from "pino";
import { transaction } from "../../decisions/record-facts.ts";
import { lanesOf, type LaneRun } from "../../domain/eta/lane-run.ts";
import { curveOf, type ProgressCurve, type RunFix } from "../../domain/eta/progress-curve.ts";
import { middleOf, type Point } from "../../domain/geo/geofence.ts";
import {
  type ChangedVehicle,
  changedVehicles,
  loadDwellFloors,
  loadLaneFacts,
  loadLaneFloors,
  loadRuns,
} from "../../stores/queries/eta/lane-facts.ts";
import { laneKey } from "../../stores/queries/eta/lanes.ts";
import { writeLanes } from "../../stores/queries/eta/write-lanes.ts";
import { readFences } from "../../stores/queries/registry/fences.ts";
import type { StoredReadings } from "../../stores/queries/stored-readings.ts";
import { type Loop, startLoop } from "../loop.ts";

const INTERVAL_MS = 1_000;
/** It takes a tenth of the time at most. */
const PAUSE = 9;
const BATCH_SIZE = 20;
const DAY_MS = 86_400_000;
/** What is derived again when the facts of a vehicle change, and … */
const RECENT_MS = 3 * DAY_MS;
/** … once a day, for facts that came very late. */
const WHOLE_MS = 35 * DAY_MS;
/** A stay or a run that began before the time is part of it. */
const BEFORE_MS = 3 * DAY_MS;
/** Fixes of a run that its curve is made of: so many short reads, however often the tracker reports. */
const CURVE_FIXES = 16;

/**
 * Keeps how long vehicles take from place to place, and stand there, by their own facts. A commit of readings does nothing for it: what
 * has changed is found by the versions that every commit of facts raises. Runs are derived again from the facts of the last days, so
 * that late facts, withdrawn ones and a replay end in the same history.
 */
export function startLaneHistory(pool: Pool, stored: StoredReadings, log: Logger): Loop {
  let nextMs = 0;
  async function tick(): Promise<boolean> {
    const began = performance.now();
    if (began < nextMs) return false;
    await deriveLanes(pool, stored);
    nextMs = performance.now() + PAUSE * (performance.now() - began);
    return false;
  }
  return startLoop("lane history", tick, log, INTERVAL_MS);
}

/** Derives the lanes of some vehicles whose facts have changed. Any number of nodes may run it. @returns of how many */
export async function deriveLanes(
  pool: Pool,
  stored: StoredReadings,
  { wholeAfterMs = DAY_MS }: { wholeAfterMs?: number } = {},
): Promise<number> {
  const vehicles = await transaction(pool, (client) => changedVehicles(client, BATCH_SIZE, wholeAfterMs));
  for (const vehicle of vehicles) await transaction(pool, (client) => deriveVehicle(client, stored, vehicle));
  return vehicles.length;
}

async function deriveVehicle(
  client: PoolClient,
  stored: StoredReadings,
  { vehicleId, version, whole }: ChangedVehicle,
): Promise<void> {
  const { rows } = await client.query<{ mine: boolean; now: number }>(
    "SELECT pg_try_advisory_xact_lock(hashtext('waystock lanes'), $1) AS mine, extract(epoch FROM now())::float8 * 1000 AS now",
    [vehicleId],
  );
  const { mine, now } = rows[0]!;
  if (!mine) return;
  const since = now - (whole ? WHOLE_MS : RECENT_MS);
  const lanes = lanesOf(await loadLaneFacts(client, vehicleId, since - BEFORE_MS));
  const runs = lanes.runs.filter(({ departedAt }) => departedAt >= since);
  const dwells = lanes.dwells.filter(({ arrivedAt }) => arrivedAt >= since);
  const [laneFloors, placeFloors] = [await loadLaneFloors(client, runs), await loadDwellFloors(client, dwells)];
  const known = new Map((await loadRuns(client, vehicleId, since)).map((run) => [keyOf(run), run]));
  const changed = runs.filter((run) => {
    const before = known.get(keyOf(run));
    if (before === undefined) return run.departedAt >= laneFloors.get(laneKey(run.originId, run.destinationId))!;
    const isSame = before.departedAt === run.departedAt && before.arrivedAt === run.arrivedAt;
    return !isSame || before.distanceM !== run.distanceM || Math.abs(before.stopsMs - run.stopsMs) >= 1_000;
  });
  const places = [...new Set(changed.flatMap(({ originId, destinationId }) => [originId, destinationId]))];
  const fences = await readFences(client, places);
  const written: (LaneRun & { curve: ProgressCurve })[] = [];
  for (const run of changed) {
    const destination = fences.get(run.destinationId)?.fence;
    if (destination === undefined) continue;
    const origin = fences.get(run.originId)?.fence;
    const fixes = await fixesOf(client, stored, run);
    written.push({ ...run, curve: curveOf(fixes, run, destination, origin && middleOf(origin)) });
  }
  const kept = dwells.filter(({ locationId, arrivedAt }) => arrivedAt >= placeFloors.get(locationId)!);
  await writeLanes(client, { vehicleId, version, whole, since, runs, written, dwells: kept, leg: lanes.leg });
}

const keyOf = ({ departure, destinationId }: Pick<LaneRun, "departure" | "destinationId">): string =>
  `${destinationId} ${departure}`;

/** Fixes at even times of a run; none where they were deleted with their day. */
async function fixesOf(
  client: PoolClient,
  stored: StoredReadings,
  { deviceId, departedAt, arrivedAt }: LaneRun,
): Promise<RunFix[]> {
  if (deviceId === null) return [];
  const fixes: RunFix[] = [];
  for (let part = 0; part < CURVE_FIXES; part += 1) {
    const ts = departedAt + ((arrivedAt - departedAt) * part) / CURVE_FIXES;
    // After a gap the next fix is that of a later part too.
    if (fixes.length > 0 && fixes.at(-1)!.at >= ts) continue;
    const [reading] = await stored.read(client, { deviceId, kind: "gps", epc: "" }, { ts, seq: -2, antenna: -1 }, 1);
    if (reading === undefined || reading.ts >= arrivedAt) break;
    const { lat, lon } = reading.content as Partial<Point>;
    if (lat !== undefined && lon !== undefined) fixes.push({ at: reading.ts, lat, lon });
  }
  return fixes;
}
