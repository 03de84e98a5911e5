import type { Pool } from "pg";
import { readOffTrack } from "../../readings/queries.ts";
import type { AfterReading, Fixes, SeriesReader } from "../../readings/series.ts";
import type { ShipmentTracker } from "./trackers.ts";
import { farFrom, joined, mergedByTime, pointsAt, type TrackPoints } from "./track-points.ts";

/** More than a day at one fix per second. Longer tracks can be read per device and time range. */
const MAX_POINTS = 100_000;
/** A day at one fix in ten seconds is one page. */
const PAGE = 20_000;

/** Where a tracker on the goods has told so near in time, the vehicle's do not count: it may have gone on without them. */
const GOODS_KNOWN_MS = 10 * 60_000;

/** Reads the reliable fixes of these trackers, each within its time, sorted by time of measurement. */
export async function readTrack(
  pool: Pool,
  series: SeriesReader,
  devices: readonly ShipmentTracker[],
): Promise<TrackPoints> {
  let track = joined([]);
  let goods: TrackPoints | undefined;
  for (const { device_id: deviceId, on, from, to } of devices) {
    if (on === "vehicle") goods ??= track;
    const range = { deviceId, from: from.getTime(), to: to?.getTime() ?? null };
    const pages: TrackPoints[] = [];
    let count = track.ts.length;
    let after: AfterReading | null = null;
    while (count < MAX_POINTS) {
      const fixes = await series.fixes({ ...range, after, limit: PAGE });
      const read = fixes.ts.length;
      if (read === 0) break;
      const page = pointsAt(fixes, reliable(fixes, await readOffTrack(pool, deviceId, fixes.ts[0]!, fixes.ts.at(-1)!)));
      const kept = goods === undefined || goods.ts.length === 0 ? page : farFrom(page, goods.ts, GOODS_KNOWN_MS);
      pages.push(kept);
      count += kept.ts.length;
      if (read < PAGE) break;
      after = { ts: fixes.ts.at(-1)!, seq: fixes.seq.at(-1)! };
    }
    track = track.ts.length === 0 ? joined(pages) : mergedByTime(track, joined(pages));
  }
  return track;
}

/** The places of the fixes that have a position and are not flagged as off the track. */
function reliable({ ts, seq, lat, lon }: Fixes, offTrack: ReadonlySet<string>): Uint32Array {
  const places = Uint32Array.from(ts.keys());
  return places.filter(
    (at) =>
      !Number.isNaN(lat[at]!) &&
      !Number.isNaN(lon[at]!) &&
      (offTrack.size === 0 || !offTrack.has(`${ts[at]} ${seq[at]}`)),
  );
}
