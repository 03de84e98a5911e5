import type { Weighing } from "../../../ingest/domain/stock/settled-weight.ts";
import { Problem } from "../../http/problem.ts";
import type { SeriesReader } from "../readings/series.ts";
import type { ScaleState } from "./queries.ts";

/** A reading received longer ago than this is not what the person sees on the scale now. */
const MAX_READING_AGE_MS = 5 * 60_000;
/** Readings are used that were measured this long before the newest, or this many usual intervals if that is longer. */
const LOOK_BACK_MS = 30_000;
const LOOK_BACK_INTERVALS = 5;
const MAX_WEIGHINGS = 5_000;

/**
 * What a scale has told of the load that lies on it now, oldest first.
 * @throws Problem 409 when it has told nothing, or nothing lately
 */
export async function readWeighings(
  series: SeriesReader,
  deviceId: string,
  { newest, interval_s: intervalS }: Pick<ScaleState, "newest" | "interval_s">,
): Promise<Weighing[]> {
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
  return [...earlier, newest];
}

function stableOf(value: unknown): boolean | undefined {
  return typeof value === "boolean" ? value : undefined;
}
