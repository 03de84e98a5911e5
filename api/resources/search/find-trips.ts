import type { Reader } from "../../auth/limits.ts";
import type { Candidate } from "./queries.ts";
import type { Hit } from "./schema.ts";

/** So many drivers, vehicles and shipments with such a name are looked at. */
const MOST_NAMED = 50;
/** The last character of Unicode: what begins with a text sorts before the text and this. */
const LAST = "\u{10FFFF}";

/**
 * Trips by who drives, by the vehicle, by what is loaded or unloaded (tracking number, customer's reference), or by their number; those next
 * to now first. `db` is what the principal reads by: goods that it may not see find no trip.
 */
export async function findTrips(db: Reader, q: string, most: number): Promise<Candidate[]> {
  const words = q.toLowerCase();
  const number = /^(?:#|trip )([1-9]\d{0,8})$/.exec(words)?.[1];
  const { rows } = await db.query<{ id: string; match: Hit["match"] }>(
    `WITH named AS (
        SELECT * FROM (SELECT w.kind, w.id::int AS id, CASE WHEN w.later THEN 'word' WHEN w.words = $1 THEN 'exact' ELSE 'beginning' END AS match,
            row_number() OVER (PARTITION BY w.kind ORDER BY w.later, w.words, w.id::int DESC) AS nth
          FROM search_words w WHERE w.kind IN ('vehicle', 'shipment') AND w.words >= $1 AND w.words < $1 || $2) w WHERE nth <= ${MOST_NAMED}
      ), people AS (
        SELECT id, lower(name) AS name FROM drivers WHERE strpos(lower(name), $1) > 0 ORDER BY drivers.id LIMIT ${MOST_NAMED}
      ), found AS (
        SELECT t.id, n.match FROM named n JOIN vehicles v ON v.id = n.id JOIN trips t ON t.vehicle_id = v.id WHERE n.kind = 'vehicle'
        UNION ALL SELECT h.trip_id, n.match FROM named n JOIN shipments s ON s.id = n.id JOIN trip_stop_shipments h ON h.shipment_id = s.id
          WHERE n.kind = 'shipment'
        UNION ALL SELECT t.id, ${matchOf("p.name")} FROM people p JOIN trips t ON t.driver_id = p.id
        UNION ALL SELECT t.id, ${matchOf("lower(t.driver_name)")} FROM trips t WHERE t.driver_name IS NOT NULL AND strpos(lower(t.driver_name), $1) > 0
        UNION ALL SELECT t.id, 'exact' FROM trips t WHERE t.id = $3::int
      ), best AS (
        SELECT id, (array_agg(match ORDER BY array_position('{exact,beginning,word,part}', match)))[1] AS match FROM found GROUP BY id
      )
      SELECT b.id::text, b.match FROM best b JOIN trips t ON t.id = b.id
      ORDER BY array_position('{exact,beginning,word,part}', b.match), abs(extract(epoch FROM t.starts_at - now())), b.id LIMIT $4`,
    [words.slice(0, 64), LAST, number ?? null, most],
  );
  return rows.map(({ id, match }) => ({ kind: "trip", id, match }));
}

const matchOf = (name: string): string =>
  `CASE WHEN ${name} = $1 THEN 'exact' WHEN starts_with(${name}, $1) THEN 'beginning' WHEN strpos(${name}, ' ' || $1) > 0 THEN 'word' ELSE 'part' END`;
