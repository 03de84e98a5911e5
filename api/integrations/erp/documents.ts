import type { Pool, PoolClient } from "pg";
import type { PullKind, SendKind } from "./adapter.ts";

export type DocumentState =
  | "linked"
  | "ignored"
  | "deleted"
  | "waiting"
  | "sent"
  | "failed"
  | "reversing"
  | "reversed"
  | "cancelled";

/** A document on both sides: what it is here, and what it is there. */
export interface ErpDocument<Content = Record<string, unknown>> {
  id: number;
  kind: PullKind | SendKind;
  localId: number | null;
  externalId: string | null;
  number: string | null;
  key: string | null;
  state: DocumentState;
  content: Content;
  attempts: number;
}

const DOCUMENT = `SELECT id::float8, kind, local_id::float8 AS "localId", external_id AS "externalId", number, key, state, content, attempts
  FROM erp_documents`;

/** The document that the ERP has under this id. */
export async function findPulled<Content>(
  client: PoolClient,
  connectionId: number,
  kind: PullKind,
  externalId: string,
): Promise<ErpDocument<Content> | undefined> {
  const { rows } = await client.query<ErpDocument<Content>>(
    `${DOCUMENT} WHERE connection_id = $1 AND direction = 'in' AND kind = $2 AND external_id = $3 FOR UPDATE`,
    [connectionId, kind, externalId],
  );
  return rows[0];
}

/** The document that was planned, or made there, with this key. */
export async function findByKey<Content>(
  client: PoolClient,
  connectionId: number,
  key: string,
): Promise<ErpDocument<Content> | undefined> {
  const { rows } = await client.query<ErpDocument<Content>>(
    `${DOCUMENT} WHERE connection_id = $1 AND key = $2 FOR UPDATE`,
    [connectionId, key],
  );
  return rows[0];
}

/** What something here is in the ERP, if it is there. */
export async function findLinked<Content>(
  db: Pool | PoolClient,
  connectionId: number,
  kind: PullKind,
  localId: number,
): Promise<ErpDocument<Content> | undefined> {
  const { rows } = await db.query<ErpDocument<Content>>(
    `${DOCUMENT} WHERE connection_id = $1 AND direction = 'in' AND kind = $2 AND local_id = $3 AND state = 'linked' ORDER BY erp_documents.id LIMIT 1`,
    [connectionId, kind, localId],
  );
  return rows[0];
}

/** What these documents of the ERP are here. */
export async function localIdsOf(
  client: PoolClient,
  connectionId: number,
  kind: PullKind,
  externalIds: readonly string[],
): Promise<Map<string, number>> {
  const { rows } = await client.query<{ externalId: string; localId: number }>(
    `SELECT external_id AS "externalId", local_id::float8 AS "localId" FROM erp_documents
    WHERE connection_id = $1 AND direction = 'in' AND kind = $2 AND external_id = ANY ($3::text[]) AND local_id IS NOT NULL AND state = 'linked'`,
    [connectionId, kind, externalIds],
  );
  return new Map(rows.map(({ externalId, localId }) => [externalId, localId]));
}

export interface PulledState {
  kind: PullKind;
  externalId: string;
  number: string;
  localId: number | null;
  state: DocumentState;
  content: unknown;
}

/** Notes what a document of the ERP is here. @returns its id */
export async function keepPulled(
  client: PoolClient,
  connectionId: number,
  { kind, externalId, number, localId, state, content }: PulledState,
): Promise<number> {
  const { rows } = await client.query<{ id: number }>(
    `INSERT INTO erp_documents AS d (connection_id, direction, kind, external_id, number, local_id, state, content)
    VALUES ($1, 'in', $2, $3, $4, $5, $6, $7)
    ON CONFLICT (connection_id, kind, external_id) WHERE direction = 'in' DO UPDATE SET number = excluded.number,
      local_id = excluded.local_id, state = excluded.state, content = excluded.content, checked_at = now(), updated_at = now()
    RETURNING id::float8`,
    [connectionId, kind, externalId, number, localId, state, JSON.stringify(content)],
  );
  return rows[0]!.id;
}

/** Plans a document that is to be made there, once by its key. */
export async function planDocument(
  client: PoolClient,
  connectionId: number,
  { key, kind, localId, content }: { key: string; kind: SendKind; localId: number; content: unknown },
): Promise<void> {
  await client.query(
    `INSERT INTO erp_documents (connection_id, direction, kind, key, local_id, state, content) VALUES ($1, 'out', $2, $3, $4, 'waiting', $5)
    ON CONFLICT (connection_id, key) WHERE key IS NOT NULL DO NOTHING`,
    [connectionId, kind, key, localId, JSON.stringify(content)],
  );
}

/** What was planned or made of something here, the oldest first. */
export async function plannedOf<Content>(
  client: PoolClient,
  connectionId: number,
  kind: SendKind,
  localId: number,
): Promise<ErpDocument<Content>[]> {
  const { rows } = await client.query<ErpDocument<Content>>(
    `${DOCUMENT} WHERE connection_id = $1 AND direction = 'out' AND kind = $2 AND local_id = $3 ORDER BY erp_documents.id FOR UPDATE`,
    [connectionId, kind, localId],
  );
  return rows;
}

/** Takes back what was planned: nobody there has heard of what was never tried. */
export async function takeBack(client: PoolClient, document: Pick<ErpDocument, "id">): Promise<void> {
  await client.query(
    `UPDATE erp_documents SET state = CASE WHEN state = 'waiting' AND attempts = 0 THEN 'cancelled' ELSE 'reversing' END,
      attempts = 0, problem = NULL, updated_at = now()
    WHERE id = $1 AND state IN ('waiting', 'sent', 'failed')`,
    [document.id],
  );
}

/** What is to be made or taken back: what is taken back first, then in the order in which it was planned. */
export async function nextToSend(pool: Pool, connectionId: number, afterId: number): Promise<ErpDocument | undefined> {
  const { rows } = await pool.query<ErpDocument>(
    `${DOCUMENT} WHERE connection_id = $1 AND direction = 'out' AND (state = 'reversing' OR (state = 'waiting' AND id > $2))
    ORDER BY state, id LIMIT 1`,
    [connectionId, afterId],
  );
  return rows[0];
}
