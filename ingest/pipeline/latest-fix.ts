import type { GpsReading } from "../../broker/contract/readings.ts";
import { compareSamples, type Quality, type Sample } from "../signals/signal-rule.ts";
import type { Reading } from "./reading.ts";

/** A fix of a device with its quality; `received_at` in epoch milliseconds. */
export type LatestFix = GpsReading & { received_at: number; quality?: Quality };

export interface LatestFixes {
  /** the newest fix of good quality */
  gps?: LatestFix;
  /** the newest fix of another quality, if it is newer than that */
  gps_flagged?: LatestFix;
}

type Fix = Pick<Reading<"gps">, "receivedAt" | "content" | "timeCorrected">;

/**
 * The newest good fix, and the newest flagged one if it is newer. A flagged fix moves nothing, so it must not be taken for
 * where the device is; but it tells that the device is alive, and what is wrong with it.
 * @param fixes in any order; `reading` is undefined for a fix of an earlier batch
 */
export function latestFixes(
  known: LatestFixes,
  fixes: Iterable<{ reading: Fix | undefined; quality: Quality }>,
): LatestFixes {
  let { gps, gps_flagged: flagged } = known;
  for (const { reading, quality } of fixes) {
    if (reading === undefined) continue;
    const isGood = quality === "ok" || quality === "approx";
    const newest = isGood ? gps : flagged;
    if (newest !== undefined && compareSamples(orderOf(newest), orderOf(reading.content)) > 0) continue;
    const latest = { ...reading.content, received_at: reading.receivedAt, quality: qualityOf(reading, quality) };
    if (isGood) gps = latest;
    else flagged = latest;
  }
  if (gps && flagged && compareSamples(orderOf(flagged), orderOf(gps)) < 0) flagged = undefined;
  return { ...(gps && { gps }), ...(flagged && { gps_flagged: flagged }) };
}

/** A fix whose date had to be corrected is approximate, however good its position is. */
function qualityOf({ timeCorrected }: Fix, quality: Quality): Quality {
  return timeCorrected && quality === "ok" ? "approx" : quality;
}

/** Those measured up to `until` (epoch milliseconds; null: none): what is later is derived again. */
export function latestFixesUntil({ gps, gps_flagged: flagged }: LatestFixes, until: number | null): LatestFixes {
  const isKept = (fix: LatestFix | undefined) => fix !== undefined && until !== null && fix.ts <= until;
  return { ...(isKept(gps) && { gps: gps! }), ...(isKept(flagged) && { gps_flagged: flagged! }) };
}

function orderOf({ ts, seq = -1 }: { ts: number; seq?: number | undefined }): Sample {
  return { ts, seq };
}
