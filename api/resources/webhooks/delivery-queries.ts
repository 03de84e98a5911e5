import type { Pool, PoolClient } from "pg";
import { Conditions } from "../../http/lists/conditions.ts";
import { found, invalid, Problem } from "../../http/problem.ts";
import { MAX_WAITING } from "../../integrations/webhooks/outcome.ts";
import { IS_SUBSCRIBED } from "../../integrations/webhooks/matching.ts";
import type { WebhookDelivery } from "./schema.ts";

const DELIVERY = `SELECT d.id::float8, d.webhook_id, d.kind, d.event_id, d.type, d.subject, d.state, d.due_at, d.attempts, d.last_tried AS attempted_at,
    d.sent_at, d.status, d.response, d.created_at
  FROM webhook_deliveries d`;

export interface DeliveryFilter {
  webhookId: number;
  state: string | undefined;
  before: number | undefined;
  limit: number;
}

/** The newest first. */
export async function listWebhookDeliveries(
  db: Pool | PoolClient,
  { webhookId, state, before, limit }: DeliveryFilter,
): Promise<WebhookDelivery[]> {
  const conditions = new Conditions()
    .where("d.webhook_id = ?", webhookId)
    .where("d.state = ?", state)
    .where("d.id < ?", before);
  const { rows } = await db.query<WebhookDelivery>(
    `${DELIVERY} ${conditions.sql} ORDER BY d.id DESC LIMIT ${conditions.parameter(limit)}`,
    conditions.values,
  );
  return rows;
}

export async function getWebhookDelivery(db: Pool | PoolClient, id: number): Promise<WebhookDelivery> {
  const { rows } = await db.query<WebhookDelivery>(`${DELIVERY} WHERE d.id = $1`, [id]);
  return found(rows[0], "delivery");
}

/** Lets the relay send a test, unless one is on its way. @returns its id */
export async function addWebhookTest(client: PoolClient, webhookId: number): Promise<number> {
  const { rows } = await client.query<{ id: number }>(
    `WITH known AS (SELECT id FROM webhook_deliveries WHERE webhook_id = $1 AND kind = 'test' AND state = 'waiting'),
      added AS (
        INSERT INTO webhook_deliveries (webhook_id, kind, event_id, position, type, subject)
        SELECT $1, 'test', 'test-' || gen_random_uuid(), 0, 'webhook.test', '/webhooks/' || $1::int WHERE NOT EXISTS (SELECT FROM known)
        RETURNING id
      )
    SELECT id::float8 FROM known UNION ALL SELECT id::float8 FROM added`,
    [webhookId],
  );
  return rows[0]!.id;
}

/** Events that one request replays at most. */
const MAX_REPLAYED = MAX_WAITING / 2;

/** The events that waited when they were asked for are sent now; the others get a delivery of their own, with the same event id. */
const ADD_REPLAYS = `, hurried AS (
    UPDATE webhook_deliveries d SET due_at = least(d.due_at, now()) FROM wanted t
    WHERE d.webhook_id = $1 AND d.state = 'waiting' AND d.event_id = t.id RETURNING d.event_id
  ), added AS (
    INSERT INTO webhook_deliveries (webhook_id, kind, event_id, position, type, subject)
    SELECT $1, 'replay', t.id, t.position, t.type, t.subject FROM wanted t
    WHERE NOT EXISTS (SELECT FROM webhook_deliveries d WHERE d.webhook_id = $1 AND d.state = 'waiting' AND d.event_id = t.id)
    ORDER BY t.position RETURNING event_id
  ) SELECT (SELECT count(*)::int FROM hurried) + (SELECT count(*)::int FROM added) AS replayed`;

const EVENT = "e.id, e.position, e.type, e.subject";

async function replay(client: PoolClient, wanted: string, values: readonly unknown[]): Promise<number> {
  const { rows } = await client.query<{ replayed: number }>(`WITH wanted AS MATERIALIZED (${wanted})${ADD_REPLAYS}`, [
    ...values,
  ]);
  return rows[0]!.replayed;
}

/** Sends all events again that were recorded since and that the webhook is told of. @throws Problem 409 when they are too many */
export async function replaySince(client: PoolClient, webhookId: number, since: Date): Promise<number> {
  const wanted = `SELECT ${EVENT} FROM outbound_events e JOIN webhooks w ON w.id = $1 WHERE e.recorded_at >= $2 AND ${IS_SUBSCRIBED}`;
  const { rows } = await client.query(`${wanted} LIMIT ${MAX_REPLAYED + 1}`, [webhookId, since]);
  if (rows.length > MAX_REPLAYED)
    throw new Problem(409, `more than ${MAX_REPLAYED} events have happened since: ask for those of a later time`);
  return replay(client, wanted, [webhookId, since]);
}

/** Sends the events of these deliveries again. @throws Problem 400 naming those that there are not, or whose event is no longer kept */
export async function replayDeliveries(
  client: PoolClient,
  webhookId: number,
  deliveryIds: readonly number[],
): Promise<number> {
  const { rows } = await client.query<{ id: number; isKept: boolean }>(
    `SELECT d.id::float8, EXISTS (SELECT FROM outbound_events e WHERE e.id = d.event_id) AS "isKept" FROM webhook_deliveries d
    WHERE d.webhook_id = $1 AND d.id = ANY ($2::bigint[])`,
    [webhookId, deliveryIds],
  );
  const known = new Map(rows.map(({ id, isKept }) => [id, isKept]));
  for (const [at, id] of deliveryIds.entries()) {
    if (!known.has(id)) throw invalid(`/delivery_ids/${at}`, "the webhook has no such delivery");
    if (known.get(id) === false) throw invalid(`/delivery_ids/${at}`, "its event is a test, or no longer kept");
  }
  const wanted = `SELECT ${EVENT} FROM outbound_events e WHERE e.id IN (SELECT event_id FROM webhook_deliveries
    WHERE webhook_id = $1 AND id = ANY ($2::bigint[]))`;
  return replay(client, wanted, [webhookId, deliveryIds]);
}

/** Sends again what was given up or cancelled, and not accepted since. */
export function replayFailed(client: PoolClient, webhookId: number): Promise<number> {
  const wanted = `SELECT ${EVENT} FROM outbound_events e WHERE e.id IN (SELECT d.event_id FROM webhook_deliveries d
      WHERE d.webhook_id = $1 AND d.state IN ('failed', 'cancelled') AND NOT EXISTS (SELECT FROM webhook_deliveries s
        WHERE s.webhook_id = $1 AND s.event_id = d.event_id AND s.state = 'sent' AND s.id > d.id))`;
  return replay(client, wanted, [webhookId]);
}
