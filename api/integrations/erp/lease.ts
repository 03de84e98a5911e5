import { randomUUID } from "node:crypto";
import type { Pool, PoolClient } from "pg";
import { type Connection, CONNECTION, connectionOf } from "./connections.ts";

/** How long a connection is a process's: longer than one call to the ERP may take, and longer than the lease goes without renewal. */
const LEASE = "60 seconds";

export interface Claimed {
  connection: Connection;
  claim: string;
  /** when, by the clock of Postgres and to its microsecond: what made it due was often written in the same millisecond */
  claimedAt: string;
}

export class LeaseLost extends Error {}

/** Connections that are due become this process's. Nobody waits for one that another has just taken. */
export async function claimDue(pool: Pool, limit: number): Promise<Claimed[]> {
  const claim = randomUUID();
  const { rows: taken } = await pool.query<{ claimedAt: string }>(
    `UPDATE erp_connections SET claim = $1, claimed_until = now() + interval '${LEASE}' WHERE id IN (
      SELECT id FROM erp_connections WHERE enabled AND NOT is_stopped AND next_sync_at <= now() AND (claimed_until IS NULL OR claimed_until < now())
      ORDER BY next_sync_at LIMIT $2 FOR UPDATE SKIP LOCKED)
    RETURNING now()::text AS "claimedAt"`,
    [claim, limit],
  );
  const [first] = taken;
  if (first === undefined) return [];
  const { rows } = await pool.query<Parameters<typeof connectionOf>[0]>(
    `${CONNECTION} WHERE e.claim = $1 ORDER BY e.id`,
    [claim],
  );
  return rows.map((row) => ({ connection: connectionOf(row), claim, ...first }));
}

/** @throws LeaseLost when another process has taken over, or the connection was changed or removed */
export async function renew(pool: Pool, { connection, claim }: Claimed): Promise<void> {
  const { rowCount } = await pool.query(
    `UPDATE erp_connections SET claimed_until = now() + interval '${LEASE}' WHERE id = $1 AND claim = $2`,
    [connection.id, claim],
  );
  if (rowCount === 0) throw new LeaseLost();
}

/** Holds the lease until the transaction ends, so that nobody can take over within it. */
export const ownedBy =
  ({ connection, claim }: Claimed) =>
  async (client: PoolClient): Promise<void> => {
    const { rowCount } = await client.query("SELECT FROM erp_connections WHERE id = $1 AND claim = $2 FOR SHARE", [
      connection.id,
      claim,
    ]);
    if (rowCount === 0) throw new LeaseLost();
  };

export interface Outcome {
  nextMs: number;
  problem?: string | undefined;
  isStopped?: boolean;
}

/** Writes down how a pass ended, and gives the connection back. @returns whether the one before had failed */
export async function finish(
  pool: Pool,
  { connection, claim, claimedAt }: Claimed,
  { nextMs, problem, isStopped = false }: Outcome,
): Promise<boolean> {
  const isDone = problem === undefined && nextMs > 0;
  const { rows } = await pool.query<{ wasFailing: boolean }>(
    `UPDATE erp_connections e SET claim = NULL, claimed_until = NULL, is_stopped = $5 AND NOT (e.checks_all AND e.next_sync_at > $7),
      -- Somebody may have asked for a sync meanwhile, or something has changed that this pass has not seen. A pass that has failed is
      -- tried again in its time, unless a person asks.
      next_sync_at = CASE WHEN e.next_sync_at > $7 AND ($4::text IS NULL OR e.checks_all) THEN e.next_sync_at ELSE now() + $3 * interval '1 millisecond' END,
      problem = CASE WHEN $6 THEN NULL ELSE coalesce($4, e.problem) END, failing_since = CASE WHEN $6 THEN NULL WHEN $4::text IS NULL THEN e.failing_since ELSE coalesce(e.failing_since, now()) END,
      attempts = CASE WHEN $6 THEN 0 WHEN $4::text IS NULL THEN e.attempts ELSE e.attempts + 1 END,
      last_synced_at = CASE WHEN $6 THEN $7 ELSE e.last_synced_at END, checks_all = e.checks_all AND NOT ($6 AND $8)
    FROM (SELECT id, problem FROM erp_connections WHERE id = $1 AND claim = $2 FOR UPDATE) before
    WHERE e.id = before.id RETURNING before.problem IS NOT NULL AS "wasFailing"`,
    [connection.id, claim, nextMs, problem ?? null, isStopped, isDone, claimedAt, connection.checksAll],
  );
  return rows[0]?.wasFailing === true && isDone;
}
