import type { PoolClient } from "pg";
import type { z } from "zod";
import { expectedWeight, weightAgrees } from "../../../ingest/domain/stock/packed-weight.ts";
import { settledWeighings } from "../../../ingest/domain/stock/settled-weight.ts";
import { Problem, unknownReference } from "../../http/problem.ts";
import { findScale } from "../calibration/queries.ts";
import { readWeighings } from "../calibration/weighings.ts";
import type { SeriesReader } from "../readings/series.ts";
import type { weighing } from "./schema.ts";

type Weighed = z.output<typeof weighing>;

/** What is stored of the weight of a unit. */
export interface UnitWeightColumns {
  weight_grams: number | null;
  packaging_grams: number | null;
  expected_weight_grams: number | null;
  scale_id: string | null;
  weighed_at: Date | null;
  weight_reason: string | null;
}

/**
 * Compares what a packed unit weighs with what its contents should weigh.
 * @param name of the unit, for the person who packs it
 * @throws Problem 409 when it differs and nobody says why, or when the scale shows no settled weight
 */
export async function weighUnit(
  client: PoolClient,
  series: SeriesReader,
  contents: readonly { item_id: number; quantity: number }[],
  given: Weighed | undefined,
  { name, pointer }: { name: string; pointer: string },
): Promise<UnitWeightColumns> {
  const packaging = given?.packaging_grams ?? 0;
  const expected = expectedWeight(await goodsOf(client, contents), packaging);
  const expectedGrams = expected === undefined ? null : rounded(expected.grams);
  if (given === undefined) {
    return {
      ...{ weight_grams: null, packaging_grams: null, expected_weight_grams: expectedGrams },
      ...{ scale_id: null, weighed_at: null, weight_reason: null },
    };
  }
  const { grams, at } =
    given.scale_id === undefined
      ? { grams: given.grams!, at: new Date() }
      : await readScale(client, series, given.scale_id, pointer);
  const { reason } = given;
  if (expected !== undefined && reason === undefined && !weightAgrees(expected, grams)) {
    const about = `${rounded(expected.grams)} g (up to ${rounded(expected.toleranceGrams)} g more or less)`;
    const cure = "count what is in it, name what the packaging weighs, or give a reason";
    throw new Problem(409, `${name} weighs ${rounded(grams)} g, and should weigh ${about}: ${cure}`);
  }
  return {
    ...{ weight_grams: rounded(grams), packaging_grams: packaging, expected_weight_grams: expectedGrams },
    ...{ scale_id: given.scale_id ?? null, weighed_at: at, weight_reason: reason ?? null },
  };
}

/** What lies on the scale now. */
async function readScale(
  client: PoolClient,
  series: SeriesReader,
  deviceId: string,
  pointer: string,
): Promise<{ grams: number; at: Date }> {
  const scale = await findScale(client, deviceId);
  if (scale === undefined) throw unknownReference(`${pointer}/scale_id`, "device");
  if (scale.shelf !== null)
    throw new Problem(409, "this scale weighs a shelf: put the unit on one that weighs no shelf");
  const weight = settledWeighings(await readWeighings(series, deviceId, scale), undefined);
  if (!weight.ok) throw new Problem(409, weight.detail);
  return { grams: weight.grossGrams, at: new Date(weight.newest.ts) };
}

async function goodsOf(client: PoolClient, contents: readonly { item_id: number; quantity: number }[]) {
  const { rows } = await client.query<{ id: number; grams: number | null }>(
    "SELECT id, unit_weight_grams::float8 AS grams FROM items WHERE id = ANY($1::int[])",
    [contents.map(({ item_id }) => item_id)],
  );
  const weights = new Map(rows.map(({ id, grams }) => [id, grams]));
  return contents.map(({ item_id, quantity }) => ({ quantity, unitWeightGrams: weights.get(item_id) ?? null }));
}

const rounded = (grams: number): number => Math.round(grams * 10) / 10;
