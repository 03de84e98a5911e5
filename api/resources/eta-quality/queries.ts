import type { Reader } from "../../auth/limits.ts";
import { Conditions } from "../../http/lists/conditions.ts";
import type { EtaQuality } from "./schema.ts";

export interface EtaQualityFilter {
  originId?: number | undefined;
  destinationId?: number | undefined;
  horizon?: number | undefined;
}

/** What a page begins after. */
export type EtaQualityKey = readonly [originId: number, destinationId: number, horizon: number];

const ERROR_S = "extract(epoch FROM c.arrived_at - c.p50)";
const median = (of: string): string => `percentile_cont(0.5) WITHIN GROUP (ORDER BY ${of})`;
const rounded = (value: string): string => `round((${value})::numeric, 1)::float8`;

/**
 * How good the estimates of each lane and horizon were, of lanes between locations that may be seen. An estimate that was made when
 * the vehicle was there already says nothing.
 */
export async function listEtaQuality(
  db: Reader,
  filter: EtaQualityFilter,
  { after, limit }: { after: EtaQualityKey | undefined; limit: number },
): Promise<EtaQuality[]> {
  const conditions = new Conditions()
    .where("c.origin_id = ?", filter.originId)
    .where("c.destination_id = ?", filter.destinationId)
    .where("c.horizon = ?", filter.horizon)
    .is("c.arrived_at > c.made_at", true);
  if (after) {
    const [destination, horizon] = [conditions.parameter(after[1]), conditions.parameter(after[2])];
    conditions.where(`(c.origin_id, c.destination_id, c.horizon) > (?, ${destination}, ${horizon})`, after[0]);
  }
  const { rows } = await db.query<EtaQuality>(
    `SELECT concat_ws('-', c.origin_id, c.destination_id, c.horizon) AS id, c.origin_id, max(o.name) AS origin_name, c.destination_id, max(d.name) AS destination_name, c.horizon AS horizon_minutes,
      count(*)::int AS estimates, count(*) FILTER (WHERE c.basis = 'lane_history')::int AS by_lane_history,
      ${rounded(`${median(`abs(${ERROR_S})`)} / 60`)} AS median_error_minutes,
      ${rounded(`${median(`abs(${ERROR_S}) / extract(epoch FROM c.arrived_at - c.made_at)`)} * 100`)} AS median_error_percent,
      ${rounded(`${median(ERROR_S)} / 60`)} AS median_bias_minutes,
      ${rounded("avg((c.arrived_at <= c.p90)::int) * 100")} AS p90_coverage_percent, min(c.made_at) AS first_at, max(c.made_at) AS last_at
    FROM eta_checks c JOIN locations o ON o.id = c.origin_id JOIN locations d ON d.id = c.destination_id ${conditions.sql}
    GROUP BY c.origin_id, c.destination_id, c.horizon ORDER BY c.origin_id, c.destination_id, c.horizon LIMIT ${conditions.parameter(limit)}`,
    conditions.values,
  );
  return rows;
}
