import type { Pool } from "pg";
import { readOffTrack } from "../../readings/queries.ts";
import type { AfterReading, SeriesReader } from "../../readings/series.ts";
import type { ShipmentTracker } from "../history-queries.ts";
import type { TrackPoint } from "./simplify.ts";

/** More than a day at one fix per second. Longer tracks can be read per device and time range. */
const MAX_POINTS = 100_000;
/** A day at one fix in ten seconds is one page. */
const PAGE = 20_000;

/** Reads the reliable fixes of these trackers, each within its time, sorted by time of measurement. */
export async function readTrack(
  pool: Pool,
  series: SeriesReader,
  devices: readonly ShipmentTracker[],
): Promise<TrackPoint[]> {
  const points: TrackPoint[] = [];
  for (const { device_id: deviceId, from, to } of devices) {
    const range = { deviceId, from: from.getTime(), to: to?.getTime() ?? null };
    let after: AfterReading | null = null;
    while (points.length < MAX_POINTS) {
      const fixes = await series.fixes({ ...range, after, limit: PAGE });
      const [first, last] = [fixes[0], fixes.at(-1)];
      if (first === undefined || last === undefined) break;
      const offTrack = await readOffTrack(pool, deviceId, first.ts, last.ts);
      for (const { ts, seq, lat, lon, speed } of fixes) {
        if (lat === null || lon === null || (offTrack.size > 0 && offTrack.has(`${ts} ${seq}`))) continue;
        points.push({ lon, lat, ts, speed });
      }
      if (fixes.length < PAGE) break;
      after = last;
    }
  }
  return devices.length > 1 ? points.sort((a, b) => a.ts - b.ts) : points;
}
