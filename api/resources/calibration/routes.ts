import type { PoolClient } from "pg";
import type { Weighing } from "../../../ingest/domain/stock/settled-weight.ts";
import { learnUnitWeight } from "../../../ingest/domain/stock/unit-weight.ts";
import { userIdOf } from "../../auth/principal.ts";
import { MANAGEMENT } from "../../auth/roles.ts";
import type { Endpoints } from "../../http/endpoint.ts";
import { deviceIdParams } from "../../http/fields.ts";
import { notFound, Problem } from "../../http/problem.ts";
import type { SeriesReader } from "../readings/series.ts";
import { addCalibration, findScale, type ScaleState, setUnitWeightIfUnset } from "./queries.ts";
import { calibration, newCalibration } from "./schema.ts";
import { readWeighings } from "./weighings.ts";

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
      const { shelf, weighings } = await readShelf(client, series, params.id);
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
async function readShelf(
  client: PoolClient,
  series: SeriesReader,
  deviceId: string,
): Promise<{ shelf: NonNullable<ScaleState["shelf"]>; weighings: Weighing[] }> {
  const scale = await findScale(client, deviceId);
  if (!scale) throw notFound("device");
  const { shelf } = scale;
  if (shelf === null) throw new Problem(409, "this device is not mounted below a shelf of one item");
  return { shelf, weighings: await readWeighings(series, deviceId, scale) };
}
