import type { Pool, PoolClient } from "pg";
import { type AlertType, DEFAULT_PARAMS } from "../../../ingest/domain/alert/rule.ts";
import { found } from "../../http/problem.ts";
import type { Versioned } from "../../http/response.ts";
import type { AlertRule } from "./schema.ts";

const RULE = `SELECT r.id, r.name, r.type, r.severity, r.enabled, r.location_ids, r.params, r.created_at, r.updated_at, r.version,
    (SELECT count(*)::int FROM alerts a WHERE a.rule_id = r.id AND a.state <> 'resolved') AS active_alerts
  FROM alert_rules r`;

const filledIn = (row: Versioned<AlertRule>): Versioned<AlertRule> => ({
  ...row,
  params: { ...DEFAULT_PARAMS[row.type], ...row.params },
});

export async function listAlertRules(
  db: Pool | PoolClient,
  after: number | undefined,
  limit: number,
): Promise<Versioned<AlertRule>[]> {
  const { rows } = await db.query<Versioned<AlertRule>>(`${RULE} WHERE r.id > $1 ORDER BY r.id LIMIT $2`, [
    after ?? 0,
    limit,
  ]);
  return rows.map(filledIn);
}

/** @throws Problem 404 when there is no such rule */
export async function getAlertRule(db: Pool | PoolClient, id: number): Promise<Versioned<AlertRule>> {
  const { rows } = await db.query<Versioned<AlertRule>>(`${RULE} WHERE r.id = $1`, [id]);
  return filledIn(found(rows[0], "alert rule"));
}

export async function typeOfRule(client: PoolClient, id: number): Promise<AlertType> {
  return (await getAlertRule(client, id)).type;
}

/** Keeps the alert engines out until the transaction ends: they write the same rows in another order (ingest/alerts/). */
export async function lockEngines(client: PoolClient): Promise<void> {
  await client.query(
    `SELECT pg_advisory_xact_lock(hashtext('waystock alerts'), hashtext(kind))
    FROM (SELECT unnest(ARRAY['device', 'integration', 'inventory_item', 'location', 'quarantine', 'shipment', 'trip', 'vehicle']) AS kind ORDER BY 1) AS kinds`,
  );
}

/** Ends what a rule has found: it is off, or removed. Its open alerts are resolved. */
export async function endRule(client: PoolClient, id: number, actor: string, resolution: string): Promise<void> {
  const { rows } = await client.query<{ id: number }>(
    `WITH ended AS (
      UPDATE alerts SET state = 'resolved', resolved_at = now(), resolved_by = $2, resolution = $3, snoozed_until = NULL,
        updated_at = now(), version = version + 1
      WHERE rule_id = $1 AND state <> 'resolved' RETURNING id
    ), told AS (
      INSERT INTO alert_events (alert_id, action, actor, note) SELECT id, 'resolved', $2, $3 FROM ended
    ) SELECT id FROM ended`,
    [id, actor, resolution],
  );
  await client.query("DELETE FROM alert_conditions WHERE rule_id = $1", [id]);
  if (rows.length === 0) return;
  const alerts = rows.length <= MAX_LISTED ? rows.map((row) => row.id) : null;
  await client.query("SELECT pg_notify('changes', $1)", [JSON.stringify({ alerts })]);
}

/** A notice holds less than 8,000 bytes. */
const MAX_LISTED = 700;
