import type { PoolClient } from "pg";
import { type Hours, isOpen, isTimeZone } from "../../../ingest/domain/notification/hours.ts";
import { escalationAt, type Plan, planNotification } from "../../../ingest/domain/notification/plan.ts";

/** An event, and a rule by which people are told of it. */
interface Match {
  alertId: number;
  /** epoch milliseconds */
  happenedAt: number;
  /** the time zone of the alert's location, or of the nearest one above it that has one */
  zone: string;
  ruleId: number;
  channel: string;
  target: string;
  hours: Hours | null;
  digestMinutes: number | null;
  escalateAfterMinutes: number | null;
  escalateTo: string | null;
}

/** Turns events about alerts into deliveries, by the rules. @param ids of rows of the outbox */
export async function addNotifications(client: PoolClient, ids: readonly number[]): Promise<void> {
  const { now, matches } = await findMatches(client, ids);
  for (const match of matches) await addDeliveries(client, match, now);
}

const MATCHES = `SELECT o.alert_id AS "alertId", extract(epoch FROM o.created_at)::float8 * 1000 AS "happenedAt",
    extract(epoch FROM now())::float8 * 1000 AS now, coalesce(z.time_zone, 'UTC') AS zone,
    r.id AS "ruleId", r.channel, r.target, r.hours, r.digest_minutes AS "digestMinutes",
    r.escalate_after_minutes AS "escalateAfterMinutes", r.escalate_to AS "escalateTo"
  FROM outbox o JOIN alerts a ON a.id = o.alert_id
  LEFT JOIN LATERAL (
    WITH RECURSIVE above AS (
      SELECT l.id, l.parent_id, l.time_zone, 0 AS height FROM locations l WHERE l.id = a.location_id
      UNION ALL SELECT l.id, l.parent_id, l.time_zone, above.height + 1 FROM above JOIN locations l ON l.id = above.parent_id
      WHERE above.height < 100
    ) SELECT array_agg(above.id) AS ids, (array_agg(above.time_zone ORDER BY above.height) FILTER (WHERE above.time_zone IS NOT NULL))[1] AS time_zone
    FROM above) z ON true
  JOIN notification_rules r ON r.enabled AND r.types ? a.type AND (r.severities IS NULL OR r.severities ? a.severity)
    AND (r.location_ids IS NULL OR r.location_ids && z.ids)
  WHERE o.id = ANY ($1::bigint[]) ORDER BY o.id, r.id
  -- A rule that somebody changes now is read as it will be.
  FOR SHARE OF r`;

async function findMatches(client: PoolClient, ids: readonly number[]): Promise<{ now: number; matches: Match[] }> {
  const { rows } = await client.query<Match & { now: number }>(MATCHES, [ids]);
  const matches = rows.map((row) => ({ ...row, zone: isTimeZone(row.zone) ? row.zone : "UTC" }));
  return { now: Math.round(rows[0]?.now ?? 0), matches };
}

async function addDeliveries(client: PoolClient, match: Match, now: number): Promise<void> {
  const { alertId, zone, escalateTo, target, digestMinutes } = match;
  const plan = planNotification(match, zone, match.happenedAt, now);
  const first = digestMinutes === null ? { ...plan, id: undefined } : await findDigest(client, match, plan);
  const kind = digestMinutes === null ? "alert" : "digest";
  await addAlertTo(client, first.id ?? (await insertDelivery(client, match, { ...first, kind })), alertId);
  const escalateAt = escalationAt(match, zone, first.dueAt);
  if (escalateAt === null) return;
  const escalation = { ...match, target: escalateTo ?? target };
  const at = { kind: "escalation", dueAt: escalateAt, held: true };
  // What came as one digest is escalated as one message.
  const found = digestMinutes === null ? undefined : await findEscalation(client, escalation, escalateAt);
  await addAlertTo(client, found ?? (await insertDelivery(client, escalation, at)), alertId);
}

/** The digest that is being gathered, or the plan of a new one. */
async function findDigest(client: PoolClient, match: Match, plan: Plan): Promise<Plan & { id: number | undefined }> {
  const { rows } = await client.query<{ id: number; dueAt: number }>(
    `SELECT id, round(extract(epoch FROM due_at) * 1000)::float8 AS "dueAt" FROM notification_deliveries
    WHERE rule_id = $1 AND target = $2 AND kind = 'digest' AND state = 'waiting' AND attempts = 0
      AND due_at BETWEEN now() AND to_timestamp($3::float8 / 1000) ORDER BY due_at`,
    [match.ruleId, match.target, plan.dueAt],
  );
  // The hours of another site may be the night of this one.
  const gathered = rows.find(({ dueAt }) => match.hours === null || isOpen(match.hours, match.zone, dueAt));
  return gathered === undefined ? { ...plan, held: true, id: undefined } : { ...gathered, held: true };
}

async function findEscalation(
  client: PoolClient,
  { ruleId, target }: Pick<Match, "ruleId" | "target">,
  dueAt: number,
): Promise<number | undefined> {
  const { rows } = await client.query<{ id: number }>(
    `SELECT id FROM notification_deliveries WHERE rule_id = $1 AND target = $2 AND kind = 'escalation' AND state = 'waiting'
      AND attempts = 0 AND due_at = to_timestamp($3::float8 / 1000)`,
    [ruleId, target, dueAt],
  );
  return rows[0]?.id;
}

/** @returns its id */
async function insertDelivery(
  client: PoolClient,
  { ruleId, channel, target }: Pick<Match, "ruleId" | "channel" | "target">,
  { kind, dueAt, held }: { kind: string; dueAt: number; held: boolean },
): Promise<number> {
  const { rows } = await client.query<{ id: number }>(
    `INSERT INTO notification_deliveries (rule_id, kind, channel, target, due_at, held)
    VALUES ($1, $2, $3, $4, to_timestamp($5::float8 / 1000), $6) RETURNING id`,
    [ruleId, kind, channel, target, dueAt, held],
  );
  return rows[0]!.id;
}

async function addAlertTo(client: PoolClient, deliveryId: number, alertId: number): Promise<void> {
  await client.query("INSERT INTO notification_alerts (delivery_id, alert_id) VALUES ($1, $2) ON CONFLICT DO NOTHING", [
    deliveryId,
    alertId,
  ]);
}
