import type { Pool, PoolClient } from "pg";
import { openings } from "../../../ingest/domain/alert/dry-run.ts";
import type { AlertRule } from "../../../ingest/domain/alert/rule.ts";
import { assessSpeed } from "../../../ingest/domain/alert/vehicle.ts";
import type { SeriesReader } from "../readings/series.ts";
import { devicesInScope } from "./device-history.ts";
import { MOST as MOST_FACTS, type Occurrence } from "./history-queries.ts";

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
/** One request looks at so many trackers at once, and at so many readings at most, which the store summarises by the hour. */
const MOST = { devicesAtOnce: 100, readings: 5_000_000 } as const;
const NOTE = "by the fastest moment of each hour, of the trackers that are mounted on vehicles now";
const PLACES_NOTE = "how fast vehicles were at these places is not kept: try the rule without places";

/** How often vehicles would have been too fast, by the fixes that are stored. */
export async function speedOccurrences(
  { db, series }: { db: Pool | PoolClient; series: SeriesReader },
  rule: Extract<AlertRule, { type: "overspeed" }>,
  days: number,
  locationIds: readonly number[] | null,
  now: number,
): Promise<{ list: Occurrence[]; complete: boolean; note: string }> {
  if (locationIds !== null) return { list: [], complete: false, note: PLACES_NOTE };
  const from = now - days * DAY_MS;
  const list: Occurrence[] = [];
  let readings = 0;
  for (let after: string | undefined = ""; after !== undefined;) {
    const page: Awaited<ReturnType<typeof devicesInScope>> = await devicesInScope(db, null, {
      after,
      limit: MOST.devicesAtOnce,
      mustReport: false,
    });
    for (const { id: deviceId, vehicleId } of page) {
      if (vehicleId === null) continue;
      const limit = Math.ceil((now - from) / HOUR_MS) + 2;
      const hours = await series.hours({ deviceId, kind: "gps", from, to: now, after: null, limit });
      const moments = hours.map(({ hour: at, values }) => {
        const moving = { speed: values["speed"]?.max ?? 0, at, receivedAt: at, deviceId };
        return { at, assessment: assessSpeed(rule, { id: vehicleId, facts: [], harsh: [], moving }) };
      });
      list.push(...openings(moments, now).map((at) => ({ subject: `vehicle:${vehicleId}`, at: new Date(at) })));
      readings += hours.reduce((sum, { count }) => sum + count, 0);
      if (readings > MOST.readings) return { list, complete: false, note: `${NOTE}; not all of them were looked at` };
    }
    after = page.length < MOST.devicesAtOnce ? undefined : page.at(-1)!.id;
  }
  return { list, complete: true, note: NOTE };
}

const NO_PLACES_NOTE = "where harsh manoeuvres were is not looked up: try the rule without places";

/** How often vehicles were driven harshly, by what is recorded of them. */
export async function harshOccurrences(
  db: Pool | PoolClient,
  { params: { on, min_g } }: Extract<AlertRule, { type: "harsh_driving" }>,
  days: number,
  locationIds: readonly number[] | null,
): Promise<{ list: Occurrence[]; complete: boolean; note: string | null }> {
  if (locationIds !== null) return { list: [], complete: false, note: NO_PLACES_NOTE };
  const { rows: list } = await db.query<Occurrence>(
    `SELECT f.subject, f.at FROM vehicles v JOIN facts f ON f.subject = 'vehicle:' || v.id
    WHERE f.type = 'harsh_driving' AND f.at >= now() - make_interval(days => $1) AND f.withdrawn_at IS NULL
      AND ($2 = 'any' OR f.data ->> 'manoeuvre' = $2) AND coalesce((f.data ->> 'g')::float8 >= $3, true)
    ORDER BY f.at, f.id LIMIT ${MOST_FACTS.facts}`,
    [days, on, min_g],
  );
  return { list, complete: list.length < MOST_FACTS.facts, note: null };
}
