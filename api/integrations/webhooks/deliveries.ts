import type { Pool } from "pg";

/** A delivery that this relay has, and nobody else until its lease ends. */
export interface ClaimedWebhookDelivery {
  id: number;
  claim: string;
  webhookId: number;
  url: string;
  kind: "event" | "replay" | "test";
  /** names the message to its receiver, the same at each attempt and in each replay */
  eventId: string;
  /** of the event in the log; 0: a test */
  position: number;
  /** this one included */
  attempts: number;
  /** since the first attempt, milliseconds */
  waitingMs: number;
  createdAt: Date;
  /** nothing was accepted when it was claimed */
  isFailing: boolean;
}

/** Messages that are on their way to one endpoint at once: to one that keeps an order, or that accepts nothing now, one. */
const AT_ONCE = 4;

/**
 * Takes deliveries that are due. Of each endpoint a few, so that none holds up another; those that accept nothing now come last and may
 * take so many places only. Of an endpoint that keeps an order only the first one that waits is taken, whatever else is due. A lease that
 * has ended is taken by another: its relay was killed, or cut off from Postgres.
 * @param failingRoom how many of them may go to endpoints that accept nothing now
 */
export async function claimWebhookDeliveries(
  pool: Pool,
  room: number,
  failingRoom: number,
  leaseMs: number,
): Promise<ClaimedWebhookDelivery[]> {
  const isFree = "d.due_at <= now() AND (d.claimed_until IS NULL OR d.claimed_until <= now())";
  const { rows } = await pool.query<ClaimedWebhookDelivery>({
    name: "claim_webhook_deliveries",
    text: `WITH endpoints AS MATERIALIZED (
        SELECT w.id, w.ordered, w.failing_since IS NOT NULL AS is_failing, coalesce(w.quiet_until > now(), false) AS is_quiet,
          CASE WHEN w.ordered OR w.failing_since IS NOT NULL THEN 1 ELSE ${AT_ONCE} END - (SELECT count(*) FROM webhook_deliveries b
            WHERE b.webhook_id = w.id AND b.claim IS NOT NULL AND b.claimed_until > now()) AS room
        FROM webhooks w
      ), due AS MATERIALIZED (
        SELECT d.id, e.is_failing, d.due_at, row_number() OVER (PARTITION BY e.is_failing ORDER BY d.nr, d.due_at, d.id) AS nr
        FROM endpoints e CROSS JOIN LATERAL (
          SELECT f.id, f.due_at, f.kind, row_number() OVER (ORDER BY f.due_at, f.id) AS nr FROM (
            (SELECT d.id, d.due_at, d.kind FROM (
              SELECT * FROM webhook_deliveries d WHERE e.ordered AND d.webhook_id = e.id AND d.state = 'waiting' ORDER BY d.position, d.id LIMIT 1
            ) d WHERE ${isFree})
            UNION ALL
            (SELECT d.id, d.due_at, d.kind FROM webhook_deliveries d
              WHERE NOT e.ordered AND d.webhook_id = e.id AND d.state = 'waiting' AND ${isFree} ORDER BY d.due_at, d.id LIMIT ${AT_ONCE})
          ) f
        ) d WHERE d.nr <= e.room AND (NOT e.is_quiet OR d.kind = 'test')
      ), chosen AS MATERIALIZED (
        SELECT id FROM due WHERE NOT is_failing OR nr <= $2 ORDER BY is_failing, nr LIMIT $1
      ), free AS MATERIALIZED (
        SELECT d.id FROM webhook_deliveries d WHERE d.id IN (SELECT id FROM chosen) AND d.state = 'waiting' AND ${isFree} FOR UPDATE SKIP LOCKED
      ), claimed AS (
        UPDATE webhook_deliveries SET claim = gen_random_uuid(), claimed_until = now() + make_interval(secs => $3::float8 / 1000),
          attempts = attempts + 1, first_tried = coalesce(first_tried, now()), last_tried = now()
        WHERE id IN (SELECT id FROM free) RETURNING *
      )
      SELECT d.id::float8, d.claim, d.webhook_id AS "webhookId", w.url, d.kind, d.event_id AS "eventId", d.position::float8, d.attempts,
        extract(epoch FROM now() - d.first_tried)::float8 * 1000 AS "waitingMs", d.created_at AS "createdAt",
        w.failing_since IS NOT NULL AS "isFailing"
      FROM claimed d JOIN webhooks w ON w.id = d.webhook_id ORDER BY d.position, d.id`,
    values: [room, failingRoom, leaseMs],
  });
  return rows;
}

/** Gives a delivery back that was not tried: the relay stops, or it came to it too late. */
export async function releaseWebhookDelivery(pool: Pool, { id, claim }: ClaimedWebhookDelivery): Promise<void> {
  await pool.query(
    `UPDATE webhook_deliveries SET claim = NULL, claimed_until = NULL, attempts = attempts - 1 WHERE id = $1 AND claim = $2::uuid`,
    [id, claim],
  );
}
