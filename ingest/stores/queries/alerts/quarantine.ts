import type { Pool, PoolClient } from "pg";
import type { AlertedSource } from "../../../domain/alert/quarantine.ts";
import { msOfTime } from "../../sql-time.ts";

const THIS_HOUR = "date_trunc('hour', now())";
const SOURCE_OF_SUBJECT = "CASE WHEN subject = 'quarantine' THEN '' ELSE substr(subject, length('device:') + 1) END";

/**
 * Subjects of what rules can say something of: sources with so many messages in this hour or the one before, and what rules have
 * raised; page by page. Of the other sources nothing is read, however many there are.
 * @param atLeast the lowest limit of the rules
 */
export async function sourcesToAssess(pool: Pool, atLeast: number, after: string, limit: number): Promise<string[]> {
  const { rows } = await pool.query<{ subject: string }>({
    name: "sources_to_assess",
    text: `SELECT subject FROM (
        SELECT CASE source WHEN '' THEN 'quarantine' ELSE 'device:' || source END AS subject FROM quarantine_hours
          WHERE hour IN (${THIS_HOUR}, ${THIS_HOUR} - interval '1 hour') AND messages >= $1
        UNION SELECT c.subject FROM alert_rules r JOIN alert_conditions c ON c.rule_id = r.id WHERE r.type = 'quarantine_rising'
      ) s WHERE subject > $2 ORDER BY subject LIMIT $3`,
    values: [atLeast, after, limit],
  });
  return rows.map(({ subject }) => subject);
}

/** Messages in two hours of these sources. One that is no device now is left out. */
export async function loadAlertedSources(db: Pool | PoolClient, subjects: readonly string[]): Promise<AlertedSource[]> {
  const { rows } = await db.query<AlertedSource>({
    name: "alerted_sources",
    text: `SELECT nullif(s.source, '') AS "deviceId", coalesce(q.messages, 0)::float8 AS messages,
        coalesce(${msOfTime("q.hour")}, ${msOfTime(THIS_HOUR)}) AS hour
      FROM (SELECT DISTINCT ${SOURCE_OF_SUBJECT} AS source FROM unnest($1::text[]) AS subject) s
      LEFT JOIN LATERAL (SELECT messages, hour FROM quarantine_hours
        WHERE source = s.source AND hour IN (${THIS_HOUR}, ${THIS_HOUR} - interval '1 hour') ORDER BY messages DESC LIMIT 1) q ON true
      WHERE s.source = '' OR EXISTS (SELECT FROM devices WHERE id = s.source)
      ORDER BY s.source`,
    values: [subjects],
  });
  return rows;
}
