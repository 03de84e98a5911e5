import type { Pool } from "pg";
import { readReadings } from "../../readings/queries.ts";
import type { SeriesReader } from "../../readings/series.ts";
import type { ShipmentTracker } from "../history-queries.ts";
import type { TrackPoint } from "./simplify.ts";

/** More than a day at one fix per second. Longer tracks can be read per device and time range. */
const MAX_POINTS = 100_000;
const PAGE = 5000;
/** Qualities of fixes that do not show where the vehicle was. */
const NOT_ON_TRACK: ReadonlySet<string> = new Set(["outlier", "nofix", "future"]);

/** Reads the reliable fixes of these trackers, each within its time, sorted by time of measurement. */
export async function readTrack(
  pool: Pool,
  series: SeriesReader,
  devices: readonly ShipmentTracker[],
): Promise<TrackPoint[]> {
  const points: TrackPoint[] = [];
  for (const { device_id: deviceId, from, to } of devices) {
    let after: { ts: number; seq: number } | undefined;
    while (points.length < MAX_POINTS) {
      const rows = await readReadings(pool, series, {
        deviceId,
        kind: "gps",
        from: from.getTime(),
        to: to?.getTime() ?? null,
        after: after ?? null,
        limit: PAGE,
      });
      for (const { ts, quality, values } of rows) {
        const { lat, lon, speed } = values;
        if (typeof lat !== "number" || typeof lon !== "number" || NOT_ON_TRACK.has(quality)) continue;
        points.push({ lat, lon, ts, speed: typeof speed === "number" ? speed : null });
      }
      const last = rows.at(-1);
      if (last === undefined || rows.length < PAGE) break;
      after = { ts: last.ts, seq: last.seq };
    }
  }
  return points.sort((a, b) => a.ts - b.ts);
}
