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

/** The order of a fix without a counter among those of one time. */
const NO_SEQ = -1;

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
  // Compared field by field and built once at the end: this runs for every fix, and most fixes are followed by a newer one.
  const good = new NewestFix(known.gps);
  const flagged = new NewestFix(known.gps_flagged);
  for (const { reading, quality } of fixes) {
    if (reading !== undefined) (quality === "ok" || quality === "approx" ? good : flagged).take(reading, quality);
  }
  const [gps, gps_flagged] = [good.fix(), flagged.fix()];
  const isOvertaken = gps && gps_flagged && compareSamples(orderOf(gps_flagged), orderOf(gps)) < 0;
  return { ...(gps && { gps }), ...(gps_flagged && !isOvertaken && { gps_flagged }) };
}

/** Replaces the latest fixes in `latest`, an object of the caller's own. */
export function setLatestFixes(latest: LatestFixes, fixes: Parameters<typeof latestFixes>[1]): void {
  const { gps, gps_flagged: flagged } = latestFixes(latest, fixes);
  if (gps) latest.gps = gps;
  if (flagged) latest.gps_flagged = flagged;
  else if (latest.gps_flagged) delete latest.gps_flagged;
}

/** The newest of several fixes; of two with the same time and counter, the later one. */
class NewestFix {
  readonly #known: LatestFix | undefined;
  #reading: Fix | undefined;
  #quality: Quality = "ok";
  #ts: number;
  #seq: number;

  constructor(known: LatestFix | undefined) {
    this.#known = known;
    this.#ts = known?.ts ?? Number.NEGATIVE_INFINITY;
    this.#seq = known?.seq ?? NO_SEQ;
  }

  take(reading: Fix, quality: Quality): void {
    const { ts, seq = NO_SEQ } = reading.content;
    if (ts < this.#ts || (ts === this.#ts && seq < this.#seq)) return;
    this.#ts = ts;
    this.#seq = seq;
    this.#reading = reading;
    this.#quality = quality;
  }

  fix(): LatestFix | undefined {
    const reading = this.#reading;
    if (reading === undefined) return this.#known;
    return { ...reading.content, received_at: reading.receivedAt, quality: qualityOf(reading, this.#quality) };
  }
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

function orderOf({ ts, seq = NO_SEQ }: { ts: number; seq?: number | undefined }): Sample {
  return { ts, seq };
}
