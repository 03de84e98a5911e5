import type { Pool } from "pg";
import { type AlertRule, DEFAULT_PARAMS } from "../../../domain/alert/rule.ts";
import { msOfTime } from "../../sql-time.ts";

/** The rules that are on, each with its locations and all below them. */
export async function loadAlertRules(pool: Pool): Promise<AlertRule[]> {
  const { rows } = await pool.query<{
    id: number;
    version: number;
    type: AlertRule["type"];
    severity: AlertRule["severity"];
    params: object;
    locations: number[] | null;
    createdAt: number;
  }>({
    name: "load_alert_rules",
    text: `SELECT id, version::float8 AS version, type, severity, params, ${msOfTime("created_at")} AS "createdAt",
        CASE WHEN location_ids IS NOT NULL THEN ARRAY(
          WITH RECURSIVE below AS (
            SELECT l.id FROM locations l WHERE l.id = ANY (location_ids)
            UNION SELECT l.id FROM locations l JOIN below ON l.parent_id = below.id
          ) SELECT below.id FROM below) END AS locations
      FROM alert_rules WHERE enabled AND type = ANY ($1::text[]) ORDER BY id`,
    values: [Object.keys(DEFAULT_PARAMS)],
  });
  return rows.map(
    ({ params, locations, ...rule }) =>
      ({
        ...rule,
        params: { ...DEFAULT_PARAMS[rule.type], ...params },
        locationIds: locations && new Set(locations),
      }) as AlertRule,
  );
}
