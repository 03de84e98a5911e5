import type { PoolClient } from "pg";
import { learnUnitWeight, type Weighing } from "../../../ingest/domain/stock/unit-weight.ts";
import { userIdOf } from "../../auth/principal.ts";
import { MANAGEMENT } from "../../auth/roles.ts";
import type { Endpoints } from "../../http/endpoint.ts";
import { deviceIdParams } from "../../http/fields.ts";
import { notFound, Problem } from "../../http/problem.ts";
import type { SeriesReader } from "../readings/series.ts";
import { addCalibration, findScale, type ScaleState, setUnitWeightIfUnset } from "./queries.ts";
import { calibration, newCalibration } from "./schema.ts";

/** A reading received longer ago than this is not what the person sees on the scale now. */
const MAX_READING_AGE_MS = 5 * 60_000;
/** Readings are used that were measured this long before the newest, or this many usual intervals if that is longer. */
const LOOK_BACK_MS = 30_000;
const LOOK_BACK_INTERVALS = 5;
const MAX_WEIGHINGS = 5_000;

/** Calibration of a scale: it learns the weight of one piece from a counted load. */
export function registerCalibration(endpoints: Endpoints, series: SeriesReader): void {
  endpoints.mutate(
    {
      route: "POST /devices/{id}/calibrate",
      access: MANAGEMENT,
      tag: "Devices",
      summary: "Learn the unit weight from a counted load on the scale",
      params: deviceIdParams,
      body: newCalibration,
      response: calibration,
    },
    async ({ params, body, principal }, client) => {
      const { shelf, weighings } = await readWeighings(client, series, params.id);
      const { item_id, tare_grams = 0, division_grams: divisionGrams } = shelf;
      const result = learnUnitWeight(weighings, { tareGrams: tare_grams, divisionGrams }, body.pieces);
      if (!result.ok) throw new Problem(409, result.detail);
      const { unitWeightGrams, spreadGrams, grossGrams, readings, measuredAt, maxReliableCount } = result.learnt;
      const row = {
        device_id: params.id,
        item_id,
        pieces: body.pieces,
        unit_weight_grams: unitWeightGrams,
        spread_grams: spreadGrams,
        gross_grams: grossGrams,
        tare_grams,
        readings,
        // Earlier counts keep the unit weight they were made with.
        since: new Date(measuredAt + 1),
        actor_id: userIdOf(principal),
      };
      const stored = await addCalibration(client, row);
      await setUnitWeightIfUnset(client, item_id, unitWeightGrams);
      return { status: 200, body: { ...stored, ...row, max_reliable_count: maxReliableCount } };
    },
  );
}

/** Reads the shelf above the scale and its last readings, oldest first. @throws Problem 404 or 409 */
async function readWeighings(
  client: PoolClient,
  series: SeriesReader,
  deviceId: string,
): Promise<{ shelf: NonNullable<ScaleState["shelf"]>; weighings: Weighing[] }> {
  const scale = await findScale(client, deviceId);
  if (!scale) throw notFound("device");
  const { shelf, newest, interval_s: intervalS } = scale;
  if (shelf === null) throw new Problem(409, "this device is not mounted below a shelf of one item");
  if (newest === null) throw new Problem(409, "the scale has not reported a weight yet");
  // In either direction: a reading received in the future was stamped before the clock was set back.
  if (Math.abs(Date.now() - newest.received_at) > MAX_READING_AGE_MS) {
    const since = new Date(newest.received_at).toISOString();
    throw new Problem(409, `the last weight of the scale is too old: it was received at ${since}`);
  }
  const lookBackMs = Math.max(LOOK_BACK_MS, LOOK_BACK_INTERVALS * 1000 * (intervalS ?? 0));
  const rows = await series.readings({
    deviceId,
    kind: "scale",
    from: newest.ts - lookBackMs,
    to: newest.ts,
    after: null,
    limit: MAX_WEIGHINGS,
  });
  const earlier = rows.map(({ ts, values }) => ({ ts, grams: Number(values.grams), stable: stableOf(values.stable) }));
  return { shelf, weighings: [...earlier, newest] };
}

function stableOf(value: unknown): boolean | undefined {
  return typeof value === "boolean" ? value : undefined;
}
