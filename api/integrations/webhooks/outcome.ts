import type { Pool, PoolClient } from "pg";
import { transaction } from "../../../ingest/decisions/record-facts.ts";
import type { AddAuditEntries } from "../../http/audit/queries.ts";
import type { ClaimedWebhookDelivery } from "./deliveries.ts";

/** What became of an attempt. `response`: what the other side said, or why nothing is sent. */
export type WebhookOutcome = { response: string; status: number | null } & (
  | { state: "sent" | "cancelled" }
  /** `isGone`: it will accept nothing any longer (410) */
  | { state: "failed"; isGone: boolean }
  /** `quietMs`: it asked to be left alone for so long */
  | { state: "waiting"; retryMs: number; quietMs: number | undefined }
);

/** An endpoint that has accepted nothing for so long is turned off. */
const DISABLE_AFTER_DAYS = 5;
/** Deliveries that may wait for one endpoint: about as many events as are told in a busy hour. */
export const MAX_WAITING = 100_000;
/** Deliveries that are tried again at once when an endpoint is back. */
const RESUMED = 500;
/** What failed is not tried again sooner, though the endpoint is back: it may be this message that it does not take. */
const RESUME_AFTER = "5 seconds";

/**
 * Writes what became of an attempt, and into the endpoint, which is turned off when it is gone. Nothing is written by a relay that has
 * lost its lease. @returns whether it was written
 */
export function recordWebhookOutcome(
  pool: Pool,
  addAuditEntries: AddAuditEntries,
  delivery: ClaimedWebhookDelivery,
  outcome: WebhookOutcome,
): Promise<boolean> {
  return transaction(pool, async (client) => {
    const { id, claim, webhookId, kind } = delivery;
    const { state, response, status } = outcome;
    const { rows } = await client.query<{ isFailing: boolean; isOverdue: boolean }>({
      name: "lock_webhook",
      // First, as whoever changes an endpoint does: then its deliveries.
      text: `SELECT failing_since IS NOT NULL AS "isFailing",
        coalesce(failing_since < now() - interval '${DISABLE_AFTER_DAYS} days', false) AS "isOverdue"
        FROM webhooks WHERE id = $1 FOR NO KEY UPDATE`,
      values: [webhookId],
    });
    const [hook] = rows;
    if (hook === undefined) return false;
    const { rowCount } = await client.query({
      name: "record_webhook_delivery",
      text: `UPDATE webhook_deliveries SET state = $3::text, response = $4, status = $5, claim = NULL, claimed_until = NULL,
          sent_at = CASE WHEN $3 = 'sent' THEN now() END,
          due_at = CASE WHEN $6::float8 IS NULL THEN due_at ELSE now() + make_interval(secs => $6::float8 / 1000) END
        WHERE id = $1 AND claim = $2::uuid`,
      values: [id, claim, state, response, status, outcome.state === "waiting" ? outcome.retryMs : null],
    });
    if (rowCount !== 1) return false;
    if (state === "sent") {
      if (hook.isFailing) await noteAccepted(client, webhookId);
      if (hook.isFailing || delivery.attempts > 1) await resumeWaiting(client, webhookId);
    } else if (state !== "cancelled") {
      if (outcome.state === "failed" && outcome.isGone) {
        await disableWebhook(client, addAuditEntries, webhookId, "it answered 410 Gone");
      } else if (kind !== "test") {
        await noteRefused(client, webhookId, response, outcome.state === "waiting" ? outcome.quietMs : undefined);
        if (hook.isOverdue)
          await disableWebhook(
            client,
            addAuditEntries,
            webhookId,
            `it accepted nothing for ${DISABLE_AFTER_DAYS} days`,
          );
      }
    }
    return true;
  });
}

async function noteAccepted(client: PoolClient, webhookId: number): Promise<void> {
  await client.query(
    "UPDATE webhooks SET failing_since = NULL, last_error = NULL, quiet_until = NULL WHERE id = $1 AND failing_since IS NOT NULL",
    [webhookId],
  );
}

async function noteRefused(
  client: PoolClient,
  webhookId: number,
  response: string,
  quietMs: number | undefined,
): Promise<void> {
  await client.query(
    `UPDATE webhooks SET failing_since = coalesce(failing_since, now()), last_error = $2,
      quiet_until = CASE WHEN $3::float8 IS NULL THEN quiet_until ELSE greatest(quiet_until, now() + make_interval(secs => $3::float8 / 1000)) END
    WHERE id = $1`,
    [webhookId, response, quietMs ?? null],
  );
}

/** The endpoint is back: what waits for its next attempt need not wait longer. */
async function resumeWaiting(client: PoolClient, webhookId: number): Promise<void> {
  await client.query(
    `UPDATE webhook_deliveries SET due_at = greatest(now(), last_tried + interval '${RESUME_AFTER}') WHERE id IN (
      SELECT id FROM webhook_deliveries WHERE webhook_id = $1 AND state = 'waiting' AND attempts > 0 AND claim IS NULL
        AND due_at > greatest(now(), last_tried + interval '${RESUME_AFTER}') ORDER BY due_at, id LIMIT ${RESUMED})`,
    [webhookId],
  );
}

/** Turns an endpoint off that can or will accept nothing. What waits for it is not sent; a replay brings it later. */
async function disableWebhook(
  client: PoolClient,
  addAuditEntries: AddAuditEntries,
  webhookId: number,
  reason: string,
): Promise<void> {
  const { rowCount } = await client.query(
    `UPDATE webhooks SET enabled = false, disabled_reason = $2, disabled_at = now(), updated_at = now(), version = version + 1
    WHERE id = $1 AND enabled`,
    [webhookId, reason],
  );
  if (rowCount !== 1) return;
  await cancelWaitingDeliveries(client, webhookId, `the endpoint was turned off: ${reason}`);
  const detail = { reason };
  const entry = {
    actor: "relay",
    action: "webhook disabled",
    subject: `/webhooks/${webhookId}`,
    outcome: "done",
    detail,
  };
  await addAuditEntries(client, [{ ...entry, outcome: "done" }]);
}

/** What waits for an endpoint is not sent. */
export async function cancelWaitingDeliveries(client: PoolClient, webhookId: number, reason: string): Promise<void> {
  await client.query(
    `UPDATE webhook_deliveries SET state = 'cancelled', response = $2, claim = NULL, claimed_until = NULL
    WHERE webhook_id = $1 AND state = 'waiting'`,
    [webhookId, reason],
  );
}

/** Turns off the endpoints for which too much waits: they take less than happens. */
export async function disableOverfull(pool: Pool, addAuditEntries: AddAuditEntries): Promise<void> {
  const { rows } = await pool.query<{ id: number }>(
    `SELECT w.id FROM webhooks w WHERE w.enabled AND (SELECT count(*) FROM (SELECT FROM webhook_deliveries d
      WHERE d.webhook_id = w.id AND d.state = 'waiting' LIMIT ${MAX_WAITING + 1}) waiting) > ${MAX_WAITING}`,
  );
  for (const { id } of rows) {
    await transaction(pool, async (client) => {
      await client.query("SELECT FROM webhooks WHERE id = $1 FOR NO KEY UPDATE", [id]);
      await disableWebhook(client, addAuditEntries, id, `more than ${MAX_WAITING} events waited for it`);
    });
  }
}

/** Rows of the log that are kept for each endpoint; days are a matter of cleanup. */
const MAX_KEPT = 10_000;
const TRIMMED_AT_ONCE = 5_000;

/** Deletes the oldest of what is done, beyond so many rows of an endpoint. */
export async function trimDeliveries(pool: Pool): Promise<void> {
  await pool.query(
    `DELETE FROM webhook_deliveries WHERE id IN (
      SELECT d.id FROM webhooks w CROSS JOIN LATERAL (
        SELECT d.id FROM webhook_deliveries d WHERE d.webhook_id = w.id AND d.state <> 'waiting' ORDER BY d.id DESC OFFSET ${MAX_KEPT}
      ) d LIMIT ${TRIMMED_AT_ONCE})`,
  );
}
