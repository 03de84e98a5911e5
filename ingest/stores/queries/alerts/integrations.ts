import type { Pool, PoolClient } from "pg";
import type { AlertedIntegration } from "../../../domain/alert/integration.ts";
import { msOfTime } from "../../sql-time.ts";

/** What is younger is on its way. */
const BEHIND = "interval '1 minute'";
/** Who has shown no sign of life for so long is at work no longer: it was taken out of the settings, or no relay runs, which the log tells. */
const ALIVE = "interval '1 hour'";
/** That something was missed is told for so long. */
const TOLD = "interval '1 day'";
const HOST = "substring(w.url from '^[a-z]+://([^/?#]+)')";

/** What fails now, or is behind. An endpoint's URL may be a secret: its host is told. */
const TROUBLED = `SELECT 'webhook-' || w.id AS id, coalesce(w.description, ${HOST}) AS name, coalesce(w.disabled_at, w.failing_since) AS since,
    coalesce(w.disabled_reason, w.last_error) AS problem, w.disabled_reason IS NOT NULL AS "isOff"
  FROM webhooks w WHERE w.disabled_reason IS NOT NULL OR (w.enabled AND w.failing_since IS NOT NULL)
  UNION ALL
  SELECT 'follower-' || f.name, f.name, coalesce(f.failing_since, e.recorded_at), f.problem, false
  FROM event_followers f LEFT JOIN LATERAL (
    SELECT recorded_at FROM outbound_events e WHERE e.position > f.position ORDER BY e.position LIMIT 1) e ON true
  WHERE f.updated_at > now() - ${ALIVE} AND (f.failing_since IS NOT NULL OR e.recorded_at < now() - ${BEHIND})
  UNION ALL
  SELECT 'missed-' || f.name, f.name, f.missed_at, f.missed || ' events were deleted before it had them', true
  FROM event_followers f WHERE f.missed_at > now() - ${TOLD}
  UNION ALL
  SELECT 'erp-' || e.id, e.name, e.failing_since, e.problem, e.is_stopped FROM erp_connections e WHERE e.enabled AND e.failing_since IS NOT NULL
  UNION ALL
  SELECT 'epcis-' || s.id, coalesce(substring(s.dest from '^[a-z]+://([^/?#]+)'), s.query_name), s.failing_since, s.response, false
  FROM epcis_subscriptions s WHERE s.ended_at IS NULL AND s.failing_since IS NOT NULL
  UNION ALL
  SELECT 'events', 'log of events', o.created_at, NULL, false
  FROM (SELECT created_at FROM outbox ORDER BY id LIMIT 1) o WHERE o.created_at < now() - ${BEHIND}`;

const PREFIX = "integration:";

/** Ids of what rules can say something of: what fails now, and what rules have raised. They are few. */
export async function integrationsToAssess(pool: Pool): Promise<string[]> {
  const { rows } = await pool.query<{ id: string }>({
    name: "integrations_to_assess",
    text: `SELECT id FROM (${TROUBLED}) t UNION
      SELECT substr(c.subject, length('${PREFIX}') + 1) FROM alert_rules r JOIN alert_conditions c ON c.rule_id = r.id
      WHERE r.type = 'integration_failing' ORDER BY 1`,
  });
  return rows.map(({ id }) => id);
}

/** Those of them that fail, or are behind. */
export async function loadAlertedIntegrations(
  db: Pool | PoolClient,
  ids: readonly string[],
): Promise<AlertedIntegration[]> {
  const { rows } = await db.query<AlertedIntegration>({
    name: "alerted_integrations",
    text: `SELECT t.id, t.name, ${msOfTime("t.since")} AS since, t.problem, t."isOff" FROM (${TROUBLED}) t WHERE t.id = ANY ($1::text[]) ORDER BY t.id`,
    values: [ids],
  });
  return rows;
}
