import type { Pool } from "pg";

/** One piece of evidence that a device's clock is off. `offset_ms` is positive when the clock is ahead: at least so much. */
export interface ClockSample {
  /** the reading's `ts`; null when it is not one reading */
  at: Date | null;
  offset_ms: number;
  basis: "receipt" | "departure" | "arrival";
  tag?: string;
  vehicle_id?: number;
}

export interface ClockAssessment {
  clock_offset_ms: number | null;
  /** how many samples say so */
  clock_offset_samples: number;
  /** the newest of them */
  clock_samples: ClockSample[];
}

const MAX_SAMPLES_SHOWN = 10;
/** A reading is received later than it was measured; being ahead by less than this is rounding. */
const MIN_AHEAD_MS = 1000;

/**
 * Reads of a tag at a location, against the crossings of the vehicle that carried the tag's shipment. A read up to 5 min
 * after the vehicle left cannot be: the reader's clock is ahead by at least the difference. Before the vehicle came, the
 * same way: behind. Left out are tags that are still read later (left behind, so the vehicle carried something else), and
 * vehicles that came back. An arrival may be noticed a minute late, so it takes more than that.
 */
const CLOCK_SAMPLES = `WITH newest AS (SELECT newest_ts FROM device_states WHERE device_id = $1),
  reads AS (
    SELECT substr(f.subject, 5) AS epc, (f.data ->> 'locationId')::int AS location_id,
      coalesce(to_timestamp((f.data ->> 'since')::float8 / 1000), f.at) AS first,
      coalesce(to_timestamp((f.data ->> 'last')::float8 / 1000), f.at) AS last
    FROM facts f, newest
    WHERE f.device_id = $1 AND f.signal IS NOT NULL AND f.subject LIKE 'tag:%' AND f.withdrawn_at IS NULL
      AND f.data ->> 'locationId' IS NOT NULL AND f.concluded_at > newest.newest_ts - interval '7 days'
  ), carried AS (
    SELECT r.*, v.vehicle_id, v.from_at, coalesce(v.to_at, 'infinity') AS to_at
    FROM reads r
    JOIN shipments_of_tags(ARRAY(SELECT DISTINCT epc FROM reads)) t ON t.epc = r.epc
    JOIN shipment_on_vehicle v ON v.shipment_id = t.shipment_id
  ), crossings AS (
    SELECT c.*, f.type, f.at AS crossed,
      coalesce(to_timestamp((f.data -> 'between' ->> 'from')::float8 / 1000), f.at) AS earliest,
      coalesce(to_timestamp((f.data -> 'between' ->> 'to')::float8 / 1000), f.at) AS latest
    FROM carried c JOIN facts f ON f.subject = 'vehicle:' || c.vehicle_id AND f.type IN ('departed', 'arrived')
      AND (f.data ->> 'locationId')::int = c.location_id AND f.withdrawn_at IS NULL
      AND f.at > c.first - interval '30 minutes' AND f.at < c.last + interval '30 minutes' AND f.at >= c.from_at AND f.at <= c.to_at
  ), samples AS (
    SELECT epc, vehicle_id, last AS at, 'departure' AS basis, max(latest) AS crossed, extract(epoch FROM last - max(latest)) * 1000 AS offset_ms
    FROM crossings d
    WHERE type = 'departed' AND last > latest + interval '3 seconds' AND last < latest + interval '5 minutes'
      AND NOT EXISTS (SELECT FROM crossings b WHERE b.epc = d.epc AND b.vehicle_id = d.vehicle_id AND b.type = 'arrived'
        AND b.crossed > d.crossed AND b.crossed <= d.last)
      AND NOT EXISTS (SELECT FROM reads r WHERE r.epc = d.epc AND r.last > d.latest + interval '5 minutes' AND r.last < d.latest + interval '1 hour')
    GROUP BY epc, vehicle_id, last
    UNION ALL
    SELECT epc, vehicle_id, first, 'arrival', min(earliest), -extract(epoch FROM min(earliest) - first) * 1000
    FROM crossings a
    WHERE type = 'arrived' AND first < earliest - interval '1 minute' AND first > earliest - interval '5 minutes' AND from_at < first
      AND NOT EXISTS (SELECT FROM crossings b WHERE b.epc = a.epc AND b.vehicle_id = a.vehicle_id AND b.type = 'departed'
        AND b.crossed >= a.first AND b.crossed < a.crossed)
    GROUP BY epc, vehicle_id, first
  )
  SELECT DISTINCT ON (epc, vehicle_id, crossed) at, round(offset_ms)::float8 AS offset_ms, basis, epc AS tag, vehicle_id FROM samples
  ORDER BY epc, vehicle_id, crossed, abs(offset_ms) DESC`;

/**
 * Assesses a device's clock from facts, and from readings that were measured after their receipt.
 * @param skewMs the smallest delay between measurement and receipt; negative when a reading was ahead
 */
export async function assessClock(db: Pool, deviceId: string, skewMs: number | null): Promise<ClockAssessment> {
  const { rows } = await db.query<ClockSample & { at: Date }>({
    name: "api_clock_samples",
    text: CLOCK_SAMPLES,
    values: [deviceId],
  });
  const samples: ClockSample[] = rows.toSorted((a, b) => b.at.getTime() - a.at.getTime());
  if (skewMs !== null && skewMs <= -MIN_AHEAD_MS) {
    samples.push({ at: null, offset_ms: Math.round(-skewMs), basis: "receipt" });
  }
  return summarize(samples);
}

/** Each sample is a lower bound, so the largest are nearest to the truth; of many, a tenth may be mistaken. */
export function summarize(samples: readonly ClockSample[]): ClockAssessment {
  const ahead = samples.filter(({ offset_ms: offset }) => offset > 0);
  const behind = samples.filter(({ offset_ms: offset }) => offset < 0);
  const agreeing = ahead.length >= behind.length ? ahead : behind;
  const sorted = agreeing.map(({ offset_ms: offset }) => offset).sort((a, b) => Math.abs(b) - Math.abs(a));
  return {
    clock_offset_ms: sorted[Math.floor(sorted.length / 10)] ?? null,
    clock_offset_samples: agreeing.length,
    clock_samples: agreeing.slice(0, MAX_SAMPLES_SHOWN),
  };
}
