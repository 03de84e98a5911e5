import type { Pool, PoolClient } from "pg";
import { Conditions } from "../../http/lists/conditions.ts";
import { found } from "../../http/problem.ts";
import type { Versioned } from "../../http/response.ts";
import type { ErpConflict, ErpConnection, ErpDocumentView } from "./schema.ts";

const CONNECTION =
  "SELECT id, name, kind, url, database, options, enabled, key, created_at, updated_at, version FROM erp_connections";

export async function listErpConnections(
  db: Pool,
  after: number | undefined,
  limit: number,
): Promise<Versioned<ErpConnection>[]> {
  const { rows } = await db.query<Versioned<ErpConnection>>(
    `${CONNECTION} WHERE id > $1 ORDER BY erp_connections.id LIMIT $2`,
    [after ?? 0, limit],
  );
  return rows;
}

/** @throws Problem 404 when there is no such connection */
export async function getErpConnection(db: Pool | PoolClient, id: number): Promise<Versioned<ErpConnection>> {
  const { rows } = await db.query<Versioned<ErpConnection>>(`${CONNECTION} WHERE id = $1`, [id]);
  return found(rows[0], "ERP connection");
}

/** The state of connections, with counts of their documents. */
export async function listErpStates(db: Pool, after: number | undefined, limit: number): Promise<{ id: number }[]> {
  const { rows } = await db.query<{ id: number }>(
    `SELECT e.id, e.name, e.kind,
      CASE WHEN NOT e.enabled THEN 'off' WHEN e.is_stopped THEN 'stopped' WHEN e.failing_since IS NOT NULL THEN 'failing'
        WHEN e.claimed_until > now() THEN 'working' ELSE 'waiting' END AS state,
      e.problem, e.failing_since, e.last_synced_at, e.next_sync_at,
      (SELECT extract(epoch FROM now() - min(d.created_at))::float8 FROM erp_documents d
        WHERE d.connection_id = e.id AND d.direction = 'out' AND d.state IN ('waiting', 'reversing')) AS lag_seconds,
      (SELECT coalesce(json_agg(k ORDER BY k.direction, k.kind), '[]') FROM (
        SELECT d.kind, d.direction, count(*) FILTER (WHERE d.state = 'sent' OR (d.state = 'linked' AND d.local_id IS NOT NULL))::int AS linked,
          count(*) FILTER (WHERE d.state IN ('waiting', 'reversing'))::int AS waiting, count(*) FILTER (WHERE d.state IN ('failed', 'deleted'))::int AS failed,
          CASE d.direction WHEN 'in' THEN (SELECT c.last_synced_at FROM erp_cursors c WHERE c.connection_id = e.id AND c.kind = d.kind)
            ELSE max(d.updated_at) FILTER (WHERE d.state IN ('sent', 'reversed')) END AS last_synced_at
        FROM erp_documents d WHERE d.connection_id = e.id GROUP BY d.kind, d.direction) k) AS documents,
      (SELECT count(*)::int FROM erp_conflicts c WHERE c.connection_id = e.id AND c.state = 'open' AND c.type = 'level_differs') AS differences,
      (SELECT count(*)::int FROM erp_conflicts c WHERE c.connection_id = e.id AND c.state = 'open' AND c.type <> 'level_differs') AS conflicts
    FROM erp_connections e WHERE e.id > $1 ORDER BY e.id LIMIT $2`,
    [after ?? 0, limit],
  );
  return rows.map((row) => ({ ...row, documents: withDates(row) }));
}

/** JSON has no times. */
const withDates = (row: object): unknown[] =>
  (row as { documents: { last_synced_at: string | null }[] }).documents.map((each) => ({
    ...each,
    last_synced_at: each.last_synced_at === null ? null : new Date(each.last_synced_at),
  }));

export interface DocumentFilter {
  kind: string | undefined;
  state: string | undefined;
  direction: string | undefined;
  before: number | undefined;
  limit: number;
}

/** The newest first. */
export async function listErpDocuments(
  db: Pool,
  connectionId: number,
  filter: DocumentFilter,
): Promise<ErpDocumentView[]> {
  const conditions = new Conditions()
    .where("connection_id = ?", connectionId)
    .where("id < ?", filter.before)
    .where("kind = ?", filter.kind)
    .where("state = ?", filter.state)
    .where("direction = ?", filter.direction);
  const { rows } = await db.query<ErpDocumentView>(
    `SELECT id::float8, kind, direction, local_id::float8, external_id, number, key, state, problem, attempts, content, created_at, updated_at
    FROM erp_documents ${conditions.sql} ORDER BY erp_documents.id DESC LIMIT ${conditions.parameter(filter.limit)}`,
    conditions.values,
  );
  return rows;
}

const CONFLICT = `SELECT id::float8, connection_id, type, kind, local_id::float8, external_id, subject, message, ours, theirs, state, kept, resolved_at,
    created_at, updated_at FROM erp_conflicts`;

export interface ConflictFilter {
  connectionId: number | undefined;
  state: string | undefined;
  type: string | undefined;
  before: number | undefined;
  limit: number;
}

/** The newest first. */
export async function listErpConflicts(db: Pool, filter: ConflictFilter): Promise<ErpConflict[]> {
  const conditions = new Conditions()
    .where("id < ?", filter.before)
    .where("connection_id = ?", filter.connectionId)
    .where("state = ?", filter.state)
    .where("type = ?", filter.type);
  const { rows } = await db.query<ErpConflict>(
    `${CONFLICT} ${conditions.sql} ORDER BY erp_conflicts.id DESC LIMIT ${conditions.parameter(filter.limit)}`,
    conditions.values,
  );
  return rows;
}

/** @throws Problem 404 when there is no such conflict */
export async function getErpConflict(
  db: Pool | PoolClient,
  id: number,
): Promise<ErpConflict & { document_id: number | null }> {
  const { rows } = await db.query<ErpConflict & { document_id: number | null }>(
    `${CONFLICT.replace("SELECT id", "SELECT document_id::float8, id")} WHERE id = $1`,
    [id],
  );
  return found(rows[0], "conflict");
}

/** Lets a connection begin at once, also one that was stopped, and once more if a pass has begun since this transaction has. */
export async function askForSync(client: PoolClient, id: number, checksAll: boolean): Promise<void> {
  await client.query(
    "UPDATE erp_connections SET next_sync_at = clock_timestamp(), is_stopped = false, checks_all = checks_all OR $2 WHERE id = $1",
    [id, checksAll],
  );
}
