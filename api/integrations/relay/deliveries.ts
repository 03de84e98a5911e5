import type { Pool } from "pg";
import type { ChannelName } from "../channels/channel.ts";

/** A delivery that this relay has, and nobody else until its lease ends. */
export interface ClaimedDelivery {
  id: number;
  /** names the message to its receiver, the same at each attempt */
  key: string;
  claim: string;
  ruleId: number;
  ruleName: string;
  kind: "alert" | "digest" | "escalation" | "test";
  channel: ChannelName;
  target: string;
  held: boolean;
  /** this one included */
  attempts: number;
  /** since the first attempt, milliseconds */
  waitingMs: number;
  createdAt: Date;
  /** those that it tells of and that the message is still about */
  alertIds: number[];
}

/** What became of an attempt. `response`: what the other side said, or why nothing is sent. */
export type Outcome =
  | { state: "sent" | "failed" | "cancelled"; response: string }
  | { state: "waiting"; response: string; retryMs: number };

/**
 * Takes deliveries that are due, one for each rule and address: a dead endpoint holds up its own messages and no others. Any number of
 * relays may do so at once. A lease that has ended is taken by another: its relay was killed, or cut off from Postgres.
 */
export async function claimDeliveries(pool: Pool, limit: number, leaseMs: number): Promise<ClaimedDelivery[]> {
  const isFree = "state = 'waiting' AND due_at <= now() AND (claimed_until IS NULL OR claimed_until <= now())";
  const { rows } = await pool.query<ClaimedDelivery>({
    name: "claim_deliveries",
    text: `WITH due AS MATERIALIZED (
        SELECT id FROM (
          SELECT DISTINCT ON (rule_id, target) id, due_at FROM notification_deliveries d
          WHERE ${isFree} AND NOT EXISTS (SELECT FROM notification_deliveries b
            WHERE b.state = 'waiting' AND b.rule_id = d.rule_id AND b.target = d.target AND b.claimed_until > now())
          ORDER BY rule_id, target, due_at, id
        ) AS first ORDER BY due_at, id LIMIT $1
      ), free AS MATERIALIZED (
        SELECT id FROM notification_deliveries WHERE id IN (SELECT id FROM due) AND ${isFree} FOR UPDATE SKIP LOCKED
      ), claimed AS (
        UPDATE notification_deliveries SET claim = gen_random_uuid(), claimed_until = now() + make_interval(secs => $2::float8 / 1000),
          attempts = attempts + 1, first_tried = coalesce(first_tried, now()), last_tried = now()
        WHERE id IN (SELECT id FROM free) RETURNING *
      )
      SELECT d.id, d.key, d.claim, d.kind, d.channel, d.target, d.held, d.attempts, d.created_at AS "createdAt",
        extract(epoch FROM now() - d.first_tried)::float8 * 1000 AS "waitingMs", r.id AS "ruleId", r.name AS "ruleName",
        ARRAY(SELECT a.id FROM notification_alerts n JOIN alerts a ON a.id = n.alert_id
          WHERE n.delivery_id = d.id AND (NOT d.held OR a.state <> 'resolved') AND (d.kind <> 'escalation' OR a.state = 'open')
          ORDER BY a.id) AS "alertIds"
      FROM claimed d JOIN notification_rules r ON r.id = d.rule_id ORDER BY d.due_at, d.id`,
    values: [limit, leaseMs],
  });
  return rows;
}

/**
 * Writes what became of an attempt, into the rule too, and tells the live stream of the alerts. Nothing is written by a relay that has
 * lost its lease. @returns whether it was written
 */
export async function recordOutcome(pool: Pool, delivery: ClaimedDelivery, outcome: Outcome): Promise<boolean> {
  const { id, claim, alertIds, attempts, ruleId } = delivery;
  const retryMs = outcome.state === "waiting" ? outcome.retryMs : null;
  const { rowCount } = await pool.query({
    name: "record_delivery",
    text: `WITH rule AS MATERIALIZED (
        -- First, as whoever changes a rule does: then its deliveries.
        SELECT id FROM notification_rules WHERE id = $8 FOR NO KEY UPDATE
      ), done AS (
        UPDATE notification_deliveries d SET state = $3::text, response = $4, claim = NULL, claimed_until = NULL,
          sent_at = CASE WHEN $3 = 'sent' THEN now() END,
          due_at = CASE WHEN $5::float8 IS NULL THEN due_at ELSE now() + make_interval(secs => $5::float8 / 1000) END
        FROM rule WHERE d.id = $1 AND d.claim = $2::uuid AND d.rule_id = rule.id RETURNING d.id, d.rule_id, d.target
      ), refused AS (
        UPDATE notification_rules r SET failing_target = done.target, last_error = $4,
          failing_since = CASE WHEN r.failing_target = done.target THEN coalesce(r.failing_since, now()) ELSE now() END
        FROM done WHERE r.id = done.rule_id AND $3 IN ('waiting', 'failed')
      ), accepted AS (
        UPDATE notification_rules r SET failing_target = NULL, failing_since = NULL, last_error = NULL
        FROM done WHERE r.id = done.rule_id AND $3 = 'sent' AND r.failing_target = done.target
      ), resumed AS (
        -- The address is back: what waits for it need not wait longer.
        UPDATE notification_deliveries d SET due_at = now() FROM done
        WHERE $3 = 'sent' AND $6 > 1 AND d.state = 'waiting' AND d.rule_id = done.rule_id AND d.target = done.target AND d.id <> done.id
          AND d.attempts > 0 AND d.due_at > now()
      )
      SELECT CASE WHEN $7::int[] <> '{}' THEN pg_notify('changes', json_build_object('alerts', $7::int[])::text) END FROM done`,
    values: [id, claim, outcome.state, outcome.response, retryMs, attempts, alertIds.slice(0, MAX_LISTED), ruleId],
  });
  return rowCount === 1;
}

/** A notice holds less than 8,000 bytes. */
const MAX_LISTED = 700;

/** Gives a delivery back that was not tried: the relay stops, or it came to it too late. */
export async function releaseDelivery(pool: Pool, { id, claim }: ClaimedDelivery): Promise<void> {
  await pool.query(
    `UPDATE notification_deliveries SET claim = NULL, claimed_until = NULL, attempts = attempts - 1 WHERE id = $1 AND claim = $2::uuid`,
    [id, claim],
  );
}
