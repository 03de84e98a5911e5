import type { Pool } from "pg";
import type { KeptSecret } from "../../../auth/sealing.ts";
import type { QueryParameters } from "../query/parse-query.ts";
import type { Schedule } from "./schedule.ts";

/** Events in one document, at most. */
export const MAX_BATCH = 30;

/** A subscription that this relay sends for, and nobody else until its lease ends. */
export interface ClaimedSubscription {
  id: string;
  claim: string;
  queryName: string;
  query: QueryParameters;
  /** who has made it: it is told what they may see */
  owner: { kind: "user" | "client"; id: number; locationIds: number[] | null; ownerIds: number[] | null };
  dest: string;
  token: KeptSecret;
  schedule: Schedule | null;
  reportIfEmpty: boolean;
  /** of the last event that it is done with */
  position: number;
  /** of the last event of now, or of the scheduled run */
  until: number;
  /** of this run a document has arrived */
  runReported: boolean;
  batchSize: number;
  /** that failed, since the last that succeeded */
  attempts: number;
  minRecordTime: Date;
}

/** What became of an attempt. */
export type DeliveryOutcome =
  /** the events up to a position are done with. `dueMs`: epoch milliseconds of the next run, when this one is over */
  | { done: true; position: number; response: string | undefined; dueMs?: number | undefined }
  | { done: false; response: string; retryMs: number; batchSize?: number }
  | { ended: true; response: string };

/**
 * Takes subscriptions that are due, each of another: a receiver that does not answer holds up nobody else. A stream is due when there are
 * events after those that it is done with; a schedule at its time, and then it reports what was recorded until that moment. Their makers
 * must still be managers.
 */
export async function claimSubscriptions(pool: Pool, limit: number, leaseMs: number): Promise<ClaimedSubscription[]> {
  const { rows } = await pool.query<ClaimedSubscription>({
    name: "claim_epcis_subscriptions",
    text: `WITH head AS (SELECT coalesce(max(position), 0) AS position FROM epcis_events), due AS (
        SELECT s.id FROM epcis_subscriptions s, head
        WHERE s.ended_at IS NULL AND s.due_at <= now() AND (s.claimed_until IS NULL OR s.claimed_until <= now())
          AND (s.schedule IS NOT NULL OR s.position < head.position)
          AND (EXISTS (SELECT FROM users u WHERE u.id = s.created_by AND u.active AND u.role IN ('manager', 'admin'))
            OR EXISTS (SELECT FROM api_clients c WHERE c.id = s.created_by_client AND c.active AND c.role IN ('manager', 'admin')
              AND (c.expires_at IS NULL OR c.expires_at > now())))
        ORDER BY s.due_at, s.id LIMIT $1 FOR UPDATE OF s SKIP LOCKED
      ), claimed AS (
        UPDATE epcis_subscriptions s SET claim = gen_random_uuid(), claimed_until = now() + make_interval(secs => $2::float8 / 1000),
          run_until = CASE WHEN s.schedule IS NOT NULL THEN coalesce(s.run_until, head.position) END
        FROM due, head WHERE s.id = due.id RETURNING s.*, head.position AS head
      )
      SELECT s.id, s.claim, s.query_name AS "queryName", q.query, s.dest, s.schedule, s.report_if_empty AS "reportIfEmpty",
        s.position::float8, coalesce(s.run_until, s.head)::float8 AS until, s.run_reported AS "runReported", s.batch_size AS "batchSize",
        s.attempts, json_build_object('kind', CASE WHEN u.id IS NULL THEN 'client' ELSE 'user' END, 'id', coalesce(u.id, c.id),
          'locationIds', CASE WHEN u.id IS NULL THEN c.location_ids ELSE u.location_ids END,
          'ownerIds', CASE WHEN u.id IS NULL THEN c.owner_ids ELSE u.owner_ids END) AS owner,
        coalesce(s.last_notified_at, s.initial_record_time) AS "minRecordTime",
        s.signature_token AS plain, s.sealed_signature_token AS sealed
      FROM claimed s JOIN epcis_queries q ON q.name = s.query_name
      LEFT JOIN users u ON u.id = s.created_by LEFT JOIN api_clients c ON c.id = s.created_by_client`,
    values: [limit, leaseMs],
  });
  return rows.map(({ plain, sealed, ...row }: ClaimedSubscription & Partial<KeptSecret>) => ({
    ...row,
    token: { plain: plain ?? null, sealed: sealed ?? null },
  }));
}

/** Writes what became of an attempt; nothing by a relay that has lost its lease. @returns whether it was written */
export async function recordDelivery(
  pool: Pool,
  { id, claim, schedule }: ClaimedSubscription,
  outcome: DeliveryOutcome,
): Promise<boolean> {
  const free = "claim = NULL, claimed_until = NULL";
  const mine = "WHERE id = $1 AND claim = $2::uuid";
  if ("ended" in outcome) {
    const { rowCount } = await pool.query(
      `UPDATE epcis_subscriptions SET ${free}, ended_at = now(), response = $3, attempts = attempts + 1 ${mine}`,
      [id, claim, outcome.response],
    );
    return rowCount === 1;
  }
  if (!outcome.done) {
    const { rowCount } = await pool.query(
      `UPDATE epcis_subscriptions SET ${free}, attempts = attempts + 1, failing_since = coalesce(failing_since, now()), response = $3,
         due_at = now() + make_interval(secs => $4::float8 / 1000), batch_size = coalesce($5, batch_size) ${mine}`,
      [id, claim, outcome.response, outcome.retryMs, outcome.batchSize],
    );
    return rowCount === 1;
  }
  const isOver = schedule !== null && outcome.dueMs !== undefined;
  const { rowCount } = await pool.query(
    `UPDATE epcis_subscriptions SET ${free}, position = $3, attempts = 0, failing_since = NULL, response = coalesce($4, response),
       last_notified_at = CASE WHEN $4::text IS NULL THEN last_notified_at ELSE now() END,
       due_at = CASE WHEN $6 THEN to_timestamp($5::float8 / 1000) ELSE now() END,
       run_until = CASE WHEN $6 THEN NULL ELSE run_until END,
       run_reported = CASE WHEN $6 THEN false ELSE run_reported OR $4::text IS NOT NULL END ${mine}`,
    [id, claim, outcome.position, outcome.response, outcome.dueMs, isOver],
  );
  return rowCount === 1;
}

/** Gives a subscription back that nothing was sent for. */
export async function releaseSubscription(pool: Pool, { id, claim }: ClaimedSubscription): Promise<void> {
  await pool.query(
    "UPDATE epcis_subscriptions SET claim = NULL, claimed_until = NULL WHERE id = $1 AND claim = $2::uuid",
    [id, claim],
  );
}
