import type { Pool, PoolClient } from "pg";
import { loadVerifiedTrips } from "../../../ingest/decisions/record-facts.ts";
import { assessLoad } from "../../../ingest/domain/alert/load-mismatch.ts";
import type { AlertRule } from "../../../ingest/domain/alert/rule.ts";
import { inScope, type Occurrence, SCOPE } from "./history-queries.ts";

/** Verifying a trip reads every tag around its stops. */
const MOST = { trips: 500, tripsAtOnce: 25 } as const;
const NOTE = "by what is known today of the trips of that time: what was mended since is not counted";

/** The stops of trips of the last days whose load is not what was planned. */
export async function loadOccurrences(
  db: Pool | PoolClient,
  rule: Extract<AlertRule, { type: "load_mismatch" }>,
  days: number,
  locationIds: readonly number[] | null,
): Promise<{ list: Occurrence[]; complete: boolean; note: string }> {
  const { rows } = await db.query<{ id: number; sequences: number[] }>(
    `WITH ${SCOPE}
    SELECT t.id, array_agg(s.sequence) AS sequences FROM trips t JOIN trip_stops s ON s.trip_id = t.id
    WHERE t.cancelled_at IS NULL AND s.state IN ('left', 'passed', 'skipped') AND ${inScope("s.location_id")}
      AND t.starts_at >= now() - make_interval(days => $1) - interval '14 days' AND t.ends_at >= now() - make_interval(days => $1)
    GROUP BY t.id ORDER BY t.id DESC LIMIT $3`,
    [days, locationIds && `{${locationIds.join(",")}}`, MOST.trips + 1],
  );
  const asked = new Map(rows.slice(0, MOST.trips).map(({ id, sequences }) => [id, new Set(sequences)]));
  const ids = [...asked.keys()];
  const list: Occurrence[] = [];
  for (let at = 0; at < ids.length; at += MOST.tripsAtOnce) {
    for (const { id: tripId, stops } of await loadVerifiedTrips(db, ids.slice(at, at + MOST.tripsAtOnce))) {
      for (const stop of stops) {
        if (!asked.get(tripId)?.has(stop.sequence)) continue;
        const found = assessLoad(rule, { tripId, ...stop, trackingNumbers: new Map() });
        if (found?.level !== "raised") continue;
        list.push({ subject: `trip:${tripId}:stop:${stop.sequence}`, at: new Date(found.since + found.holdMs) });
      }
    }
  }
  return { list, complete: rows.length <= MOST.trips, note: NOTE };
}
