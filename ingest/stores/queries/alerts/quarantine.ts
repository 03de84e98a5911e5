import type { Pool, PoolClient } from "pg";
import type { AlertedSource } from "../../../domain/alert/quarantine.ts";
import { msOfTime } from "../../sql-time.ts";

/** Messages in two hours, by source; and the sources that rules have raised. A source that is no device now is left out. */
export async function loadAlertedSources(db: Pool | PoolClient): Promise<AlertedSource[]> {
  const { rows } = await db.query<AlertedSource>({
    name: "alerted_sources",
    text: `SELECT nullif(s.source, '') AS "deviceId", coalesce(q.messages, 0)::float8 AS messages,
        coalesce(${msOfTime("q.hour")}, ${msOfTime("date_trunc('hour', now())")}) AS hour
      FROM (SELECT source FROM quarantine_hours WHERE hour >= date_trunc('hour', now()) - interval '1 hour'
        UNION SELECT CASE WHEN c.subject = 'quarantine' THEN '' ELSE substr(c.subject, length('device:') + 1) END
          FROM alert_conditions c JOIN alert_rules r ON r.id = c.rule_id AND r.type = 'quarantine_rising') s
      LEFT JOIN LATERAL (SELECT messages, hour FROM quarantine_hours
        WHERE source = s.source AND hour >= date_trunc('hour', now()) - interval '1 hour' ORDER BY messages DESC LIMIT 1) q ON true
      WHERE s.source = '' OR EXISTS (SELECT FROM devices WHERE id = s.source)
      ORDER BY s.source`,
  });
  return rows;
}
