import type { Pool, PoolClient } from "pg";
import type { Reader } from "../../auth/limits.ts";
import { found } from "../../http/problem.ts";
import type { Versioned } from "../../http/response.ts";
import { shortTarget } from "../../integrations/channels/targets.ts";
import type { Delivery, NotificationRule } from "./schema.ts";

const RULE = `SELECT r.id, r.name, r.enabled, r.types, r.severities, r.location_ids, r.hours, r.channel, r.target, r.digest_minutes,
    r.escalate_after_minutes, r.escalate_to, r.failing_since, r.last_error, r.created_at, r.updated_at, r.version,
    (SELECT count(*)::int FROM notification_deliveries d WHERE d.rule_id = r.id AND d.state = 'waiting') AS waiting
  FROM notification_rules r`;

export async function listNotificationRules(
  db: Pool | PoolClient,
  after: number | undefined,
  limit: number,
): Promise<Versioned<NotificationRule>[]> {
  const { rows } = await db.query<Versioned<NotificationRule>>(`${RULE} WHERE r.id > $1 ORDER BY r.id LIMIT $2`, [
    after ?? 0,
    limit,
  ]);
  return rows;
}

/** @throws Problem 404 when there is no such rule */
export async function getNotificationRule(db: Pool | PoolClient, id: number): Promise<Versioned<NotificationRule>> {
  const { rows } = await db.query<Versioned<NotificationRule>>(`${RULE} WHERE r.id = $1`, [id]);
  return found(rows[0], "notification rule");
}

export async function isActiveUser(client: PoolClient, email: string): Promise<boolean> {
  const { rowCount } = await client.query("SELECT FROM users WHERE lower(email) = lower($1) AND active", [email]);
  return rowCount === 1;
}

/** A rule as it may be shown to everybody, and written down. */
export function withoutSecrets<R extends NotificationRule>(rule: R): R {
  const { channel, target, escalate_to: other } = rule;
  return {
    ...rule,
    target: shortTarget(channel, target),
    escalate_to: other === null ? null : shortTarget(channel, other),
  };
}

/** What waits to be sent by a rule is not sent. */
export async function cancelWaiting(client: PoolClient, ruleId: number, reason: string): Promise<void> {
  await client.query(
    `UPDATE notification_deliveries SET state = 'cancelled', response = $2, claim = NULL, claimed_until = NULL
    WHERE rule_id = $1 AND state = 'waiting'`,
    [ruleId, reason],
  );
}

/** What waits goes to where the rule leads now, at once. */
export async function redirectWaiting(
  client: PoolClient,
  ruleId: number,
  before: Pick<NotificationRule, "target" | "escalate_to">,
  after: Pick<NotificationRule, "channel" | "target" | "escalate_to">,
): Promise<void> {
  await client.query(
    `UPDATE notification_deliveries SET channel = $2, due_at = CASE WHEN attempts > 0 THEN least(due_at, now()) ELSE due_at END,
      target = CASE WHEN kind = 'escalation' THEN $4 ELSE $3 END
    WHERE rule_id = $1 AND state = 'waiting'`,
    [ruleId, after.channel, after.target, after.escalate_to ?? after.target],
  );
  // The address that was refused may not be asked again.
  await client.query(
    `UPDATE notification_rules SET failing_since = NULL, failing_target = NULL, last_error = NULL
    WHERE id = $1 AND failing_target = ANY ($2::text[]) AND NOT failing_target = ANY ($3::text[])`,
    [ruleId, [before.target, before.escalate_to ?? ""], [after.target, after.escalate_to ?? ""]],
  );
}

/** Lets the relay send a test by a rule, unless one is on its way. @returns its id */
export async function addTest(client: PoolClient, ruleId: number): Promise<number> {
  const { rows } = await client.query<{ id: number }>(
    `WITH known AS (SELECT id FROM notification_deliveries WHERE rule_id = $1 AND kind = 'test' AND state = 'waiting'),
      added AS (
        INSERT INTO notification_deliveries (rule_id, kind, channel, target, due_at)
        SELECT id, 'test', channel, target, now() FROM notification_rules WHERE id = $1 AND NOT EXISTS (SELECT FROM known) RETURNING id
      )
    SELECT id FROM known UNION ALL SELECT id FROM added`,
    [ruleId],
  );
  return rows[0]!.id;
}

const DELIVERY = `SELECT d.id, d.rule_id, r.name AS rule_name, d.kind, d.channel, d.target, d.state, d.due_at, d.attempts,
    d.last_tried AS attempted_at, d.sent_at, d.response, d.created_at,
    ARRAY(SELECT n.alert_id FROM notification_alerts n WHERE n.delivery_id = d.id ORDER BY n.alert_id LIMIT 200) AS alert_ids
  FROM notification_deliveries d LEFT JOIN notification_rules r ON r.id = d.rule_id`;

const withShortTarget = (row: Delivery): Delivery => ({ ...row, target: shortTarget(row.channel, row.target) });

/** The newest first. */
export async function listDeliveriesOfRule(
  db: Pool | PoolClient,
  ruleId: number,
  before: number | undefined,
  limit: number,
): Promise<Delivery[]> {
  const { rows } = await db.query<Delivery>(
    `${DELIVERY} WHERE d.rule_id = $1 AND ($2::bigint IS NULL OR d.id < $2) ORDER BY d.id DESC LIMIT $3`,
    [ruleId, before ?? null, limit],
  );
  return rows.map(withShortTarget);
}

export async function getDelivery(db: Pool | PoolClient, id: number): Promise<Delivery> {
  const { rows } = await db.query<Delivery>(`${DELIVERY} WHERE d.id = $1`, [id]);
  return withShortTarget(found(rows[0], "delivery"));
}

/** To whom an alert was sent, the oldest first. Of digests nothing of the other alerts is told: they may be of another place. */
export async function listDeliveriesOfAlert(
  db: Reader,
  alertId: number,
  after: number | undefined,
  limit: number,
): Promise<Delivery[]> {
  const { rows } = await db.query<Delivery>(
    `${DELIVERY} WHERE d.id IN (SELECT n.delivery_id FROM notification_alerts n WHERE n.alert_id = $1 AND n.delivery_id > $2)
    ORDER BY d.id LIMIT $3`,
    [alertId, after ?? 0, limit],
  );
  return rows.map((row) => ({ ...withShortTarget(row), alert_ids: [alertId] }));
}
