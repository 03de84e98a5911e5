import type { Pool, PoolClient } from "pg";
import type { AlertType, Severity } from "../../../domain/alert/rule.ts";
import { timeOfMs } from "../../sql-time.ts";

/** A change of what is known of a rule and a subject, and what it means for the alert. Times in epoch milliseconds. */
export interface AlertChange {
  ruleId: number;
  /** the change is dropped when the rule has another version now, or is off */
  ruleVersion: number;
  subject: string;
  /** null: forget it */
  condition: { since: number; dueAt: number | null; lastFactId: number | null } | null;
  effect: "open" | "again" | "resolve" | null;
  alert: AlertContent | null;
}

/** What a new alert says. */
export interface AlertContent {
  type: AlertType;
  severity: Severity;
  stockId: number | null;
  deviceId: string | null;
  vehicleId: number | null;
  shipmentId: number | null;
  tripId: number | null;
  locationId: number | null;
  detail: object;
  late: boolean;
  notifies: boolean;
  happenedAt: number;
  /** how often it has happened now */
  times: number;
}

/** An alert that came back so soon after it had ended by itself is the same one: a value about its limit is no news every minute. */
const SAME_WITHIN = "1 minute";
/** An alert that goes on and off more often only counts: its history stays short. */
const MAX_RETURNS_TOLD = 50;
/** A notice holds less than 8,000 bytes. */
const MAX_LISTED = 700;

const CHANGES = `SELECT "ruleId" AS rule_id, t.subject, ${timeOfMs("t.since")} AS since, ${timeOfMs('"dueAt"')} AS due_at, "lastFactId"::bigint AS last_fact_id,
    forgets, effect, a.*
  FROM jsonb_to_recordset($1::jsonb) AS t ("ruleId" int, "ruleVersion" bigint, subject text, since float8, "dueAt" float8, "lastFactId" float8, forgets boolean,
    effect text, alert jsonb)
  JOIN alert_rules r ON r.id = "ruleId" AND r.version = "ruleVersion" AND r.enabled
  LEFT JOIN LATERAL (SELECT alert ->> 'type' AS type, alert ->> 'severity' AS severity, (alert ->> 'stockId')::int AS stock_id,
    alert ->> 'deviceId' AS device_id, (alert ->> 'vehicleId')::int AS vehicle_id, (alert ->> 'shipmentId')::int AS shipment_id,
    (alert ->> 'tripId')::int AS trip_id,
    (alert ->> 'locationId')::int AS location_id,
    alert -> 'detail' AS detail, (alert ->> 'late')::boolean AS late, (alert ->> 'notifies')::boolean AS notifies,
    ${timeOfMs("(alert ->> 'happenedAt')")} AS happened_at, (alert ->> 'times')::int AS times) a ON true`;

/** Sets an alert that is there already to what has happened now. */
const HAPPENED = `times = a.times + c.times, detail = c.detail, late = c.late, notifies = a.notifies OR c.notifies,
  happened_at = greatest(a.happened_at, c.happened_at), updated_at = now(), version = a.version + 1`;

/**
 * Writes changes, and into the outbox what people must hear of, in a transaction that holds the lock of the engine. At most one
 * alert of a rule and subject is active: the index sees to it whatever else writes. @returns ids of the alerts that have changed
 */
export async function commitAlertChanges(client: PoolClient, changes: readonly AlertChange[]): Promise<number[]> {
  const rows = changes.map(({ ruleId, ruleVersion, subject, condition, effect, alert }) => ({
    ruleId,
    ruleVersion,
    subject,
    ...(condition ?? { since: 0 }),
    forgets: condition === null,
    effect,
    alert,
  }));
  const { rows: changed } = await client.query<{ id: number }>({
    name: "commit_alert_changes",
    text: `WITH c AS MATERIALIZED (${CHANGES}),
      ended AS (
        UPDATE alerts a SET state = 'resolved', resolved_at = now(), resolved_by = NULL, resolution = NULL, snoozed_until = NULL,
          updated_at = now(), version = a.version + 1
        FROM c WHERE c.effect = 'resolve' AND a.rule_id = c.rule_id AND a.subject = c.subject AND a.state <> 'resolved'
        RETURNING a.id, a.rule_id, a.subject, a.times
      ), again AS (
        UPDATE alerts a SET ${HAPPENED}
        FROM c JOIN alerts b ON b.rule_id = c.rule_id AND b.subject = c.subject AND b.state <> 'resolved'
        WHERE c.effect = 'again' AND a.id = b.id AND a.state <> 'resolved'
        RETURNING a.id, a.rule_id, a.subject, a.times, c.notifies AND NOT b.notifies AS is_news
      ), returned AS (
        UPDATE alerts a SET state = 'open', resolved_at = NULL, acknowledged_at = NULL, acknowledged_by = NULL, ${HAPPENED}
        FROM c JOIN alerts b ON b.id = (SELECT max(id) FROM alerts l WHERE l.rule_id = c.rule_id AND l.subject = c.subject)
        WHERE c.effect = 'open' AND a.id = b.id
          AND a.state = 'resolved' AND a.resolved_by IS NULL AND a.resolved_at > now() - interval '${SAME_WITHIN}'
        RETURNING a.id, a.rule_id, a.subject, a.times, c.notifies AND NOT b.notifies AS is_news
      ), opened AS (
        INSERT INTO alerts (rule_id, type, severity, subject, inventory_item_id, device_id, vehicle_id, shipment_id, trip_id, location_id, detail, late,
          notifies, happened_at, times)
        SELECT rule_id, type, severity, subject, stock_id, device_id, vehicle_id, shipment_id, trip_id, location_id, detail, late, notifies, happened_at, times
        -- What happened again opens an alert if a person has resolved the last one just now.
        FROM c WHERE effect IN ('open', 'again')
          AND NOT EXISTS (SELECT FROM again r WHERE r.rule_id = c.rule_id AND r.subject = c.subject)
          AND NOT EXISTS (SELECT FROM returned r WHERE r.rule_id = c.rule_id AND r.subject = c.subject)
        ORDER BY rule_id, subject
        ON CONFLICT (rule_id, subject) WHERE state <> 'resolved' DO NOTHING RETURNING id, rule_id, subject, times, notifies AS is_news
      ), happened AS (
        SELECT *, 'opened' AS action FROM opened UNION ALL SELECT *, 'happened_again' FROM again UNION ALL SELECT *, 'happened_again' FROM returned
      ), left_for_relay AS (
        -- Once for an alert: when people are to be told of it for the first time.
        INSERT INTO outbox (event, alert_id) SELECT 'alert.opened', id FROM happened WHERE is_news ORDER BY id
      ), told AS (
        INSERT INTO alert_events (alert_id, action)
        SELECT id, action FROM happened WHERE times <= ${MAX_RETURNS_TOLD} UNION ALL SELECT id, 'resolved' FROM ended WHERE times <= ${MAX_RETURNS_TOLD}
      ), kept AS (
        INSERT INTO alert_conditions AS known (rule_id, subject, since, due_at, last_fact_id, alert_id)
        SELECT c.rule_id, c.subject, c.since, c.due_at, c.last_fact_id, h.id
        FROM c LEFT JOIN happened h ON h.rule_id = c.rule_id AND h.subject = c.subject WHERE NOT c.forgets ORDER BY c.rule_id, c.subject
        ON CONFLICT (rule_id, subject) DO UPDATE SET since = excluded.since, due_at = excluded.due_at,
          last_fact_id = excluded.last_fact_id, alert_id = coalesce(excluded.alert_id, known.alert_id)
      ), forgotten AS (
        DELETE FROM alert_conditions k USING c WHERE c.forgets AND k.rule_id = c.rule_id AND k.subject = c.subject
      )
      SELECT id FROM happened UNION SELECT id FROM ended`,
    values: [JSON.stringify(rows)],
  });
  const ids = changed.map(({ id }) => id);
  await notifyAlerts(client, ids);
  return ids;
}

async function notifyAlerts(client: Pool | PoolClient, ids: readonly number[]): Promise<void> {
  if (ids.length === 0) return;
  const alerts = ids.length <= MAX_LISTED ? ids : null;
  await client.query("SELECT pg_notify('changes', $1)", [JSON.stringify({ alerts })]);
}

/** Opens alerts again whose snooze is over. @returns how many */
export async function wakeSnoozedAlerts(pool: Pool): Promise<number> {
  const { rows } = await pool.query<{ id: number }>({
    name: "wake_snoozed_alerts",
    text: `WITH woken AS (
        UPDATE alerts SET state = 'open', snoozed_until = NULL, updated_at = now(), version = version + 1
        WHERE id IN (SELECT id FROM alerts WHERE state = 'snoozed' AND snoozed_until <= now() ORDER BY id LIMIT ${MAX_LISTED} FOR UPDATE SKIP LOCKED)
        RETURNING id
      ), told AS (INSERT INTO alert_events (alert_id, action) SELECT id, 'woken' FROM woken)
      SELECT id FROM woken`,
  });
  await notifyAlerts(
    pool,
    rows.map(({ id }) => id),
  );
  return rows.length;
}
