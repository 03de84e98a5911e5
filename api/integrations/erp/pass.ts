import type { Pool, PoolClient } from "pg";
import { transaction } from "../../../ingest/decisions/record-facts.ts";
import { PULL_KINDS, type PullKind } from "./adapter.ts";
import { applyRecord } from "./apply/apply.ts";
import type { Connection } from "./connections.ts";
import { checkDeleted } from "./deleted.ts";
import { compareLevels } from "./levels.ts";
import type { Pass } from "./pass-tools.ts";
import { planAll } from "./plan/plan.ts";
import { sendAll } from "./send.ts";

/** Documents that are read, and applied in one transaction. */
const PAGE = 50;
/** What was changed so long before the newest change is read again: it may have been committed after it, minutes. */
const OVERLAP_MINUTES = 5;
/** Conflicts whose documents are looked at again in one pass. */
const MAX_AGAIN = 200;

/**
 * One pass over a connection: what has changed there comes here, what has changed here goes there, and levels are compared. Each step
 * ends in a transaction that says how far it came, so that a pass that is cut off anywhere goes on there.
 * @throws ErpError when the ERP cannot be worked with now
 */
export async function runPass(pass: Pass): Promise<void> {
  const { connection } = pass;
  for (const kind of PULL_KINDS) {
    if (isWanted(kind, connection) && !pass.stopping.aborted) await pull(pass, kind);
  }
  await applyAgain(pass);
  await checkDeleted(pass);
  await planAll(pass, connection);
  await sendAll(pass);
  if (connection.options.sync.stock === "out") await compareLevels(pass);
}

function isWanted(kind: PullKind, { options: { sync, files }, kind: erp }: Connection): boolean {
  if (erp === "generic" && files[kind] === undefined) return false;
  switch (kind) {
    case "item":
      return sync.items !== "off";
    case "location":
      return true;
    case "customer":
    case "supplier":
      return sync.partners !== "off";
    case "sale":
      return sync.sales !== "off";
    case "purchase":
      return sync.purchases !== "off";
  }
}

interface Cursor {
  since: string | null;
  upto: string | null;
  after: string | null;
  isRunning: boolean;
}

/**
 * Reads what has changed of a kind, in the order of ids, page by page. The next pass begins some minutes before the newest change that
 * was known when this one began: what changes while it runs is read then.
 */
async function pull({ pool, connection, adapter, owned, stopping }: Pass, kind: PullKind): Promise<void> {
  let cursor = await readCursor(pool, connection.id, kind);
  if (!cursor.isRunning)
    cursor = { ...cursor, upto: (await adapter.newest(kind)) ?? null, after: null, isRunning: true };
  for (;;) {
    if (stopping.aborted) return;
    const page = { since: cursor.since ?? undefined, after: cursor.after ?? undefined, limit: PAGE };
    const records = await adapter.page(kind, page);
    const isLast = records.length < PAGE;
    const since = isLast && cursor.upto !== null ? adapter.before(cursor.upto, OVERLAP_MINUTES) : cursor.since;
    cursor = isLast ? { since, upto: null, after: null, isRunning: false } : { ...cursor, after: records.at(-1)!.id };
    const next = cursor;
    await transaction(pool, async (client) => {
      await owned(client);
      for (const record of records) await applyRecord(client, connection, record);
      await writeCursor(client, connection.id, kind, next);
    });
    if (isLast) return;
  }
}

async function readCursor(pool: Pool, connectionId: number, kind: PullKind): Promise<Cursor> {
  const { rows } = await pool.query<Cursor>(
    `SELECT since, upto, after, is_running AS "isRunning" FROM erp_cursors WHERE connection_id = $1 AND kind = $2`,
    [connectionId, kind],
  );
  return rows[0] ?? { since: null, upto: null, after: null, isRunning: false };
}

async function writeCursor(client: PoolClient, connectionId: number, kind: PullKind, cursor: Cursor): Promise<void> {
  const { since, upto, after, isRunning } = cursor;
  await client.query(
    `INSERT INTO erp_cursors AS c (connection_id, kind, since, upto, after, is_running, last_synced_at)
    VALUES ($1, $2, $3, $4, $5, $6, CASE WHEN $6 THEN NULL ELSE now() END)
    ON CONFLICT (connection_id, kind) DO UPDATE SET since = excluded.since, upto = excluded.upto, after = excluded.after,
      is_running = excluded.is_running, last_synced_at = coalesce(excluded.last_synced_at, c.last_synced_at)`,
    [connectionId, kind, since, upto, after, isRunning],
  );
}

/** Documents that could not be followed are read again: what was missing may be there now. */
async function applyAgain({ pool, connection, adapter, owned }: Pass): Promise<void> {
  const { rows } = await pool.query<{ kind: PullKind; externalId: string }>(
    `SELECT kind, external_id AS "externalId", min(updated_at) FROM erp_conflicts
    WHERE connection_id = $1 AND state = 'open' AND external_id IS NOT NULL AND document_id IS NOT NULL AND kind = ANY ($2::text[])
      AND type NOT IN ('refused', 'deleted_there', 'level_differs')
    GROUP BY 1, 2 ORDER BY 3 LIMIT $3`,
    [connection.id, PULL_KINDS, MAX_AGAIN],
  );
  for (const { kind, externalId } of rows) {
    const record = await adapter.read(kind, externalId);
    if (record === undefined) continue;
    await transaction(pool, async (client) => {
      await owned(client);
      await applyRecord(client, connection, record);
    });
  }
}
