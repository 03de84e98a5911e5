import type { Pool, PoolClient } from "pg";
import type { ConflictType } from "./apply/clash.ts";

export interface NewConflict {
  type: ConflictType;
  kind: string;
  documentId: number | null;
  localId: number | null;
  externalId: string | null;
  subject: string;
  message: string;
  ours: unknown;
  theirs: unknown;
}

/** Opens a conflict, or says anew what an open one is about. */
export async function openConflict(
  client: PoolClient | Pool,
  connectionId: number,
  conflict: NewConflict,
): Promise<void> {
  const { type, kind, documentId, localId, externalId, subject, message, ours, theirs } = conflict;
  await client.query(
    `INSERT INTO erp_conflicts AS c (connection_id, document_id, type, kind, local_id, external_id, subject, message, ours, theirs)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
    ON CONFLICT (connection_id, kind, coalesce(external_id, ''), coalesce(local_id, 0), type, subject) WHERE state = 'open'
    DO UPDATE SET message = excluded.message, ours = excluded.ours, theirs = excluded.theirs, updated_at = now()`,
    [
      connectionId,
      documentId,
      type,
      kind,
      localId,
      externalId,
      subject,
      message.slice(0, 1_000),
      JSON.stringify(ours ?? null),
      JSON.stringify(theirs ?? null),
    ],
  );
}

/** Ends the conflicts of a document that have gone by themselves. @param except `type:subject` of those that are still there */
export async function closeConflicts(
  client: PoolClient | Pool,
  documentId: number,
  types: readonly ConflictType[],
  except: readonly string[] = [],
): Promise<void> {
  await client.query(
    `UPDATE erp_conflicts SET state = 'resolved', resolved_at = now(), updated_at = now()
    WHERE document_id = $1 AND state = 'open' AND type = ANY ($2::text[]) AND NOT type || ':' || subject = ANY ($3::text[])`,
    [documentId, types, except],
  );
}

/** Ends the conflicts about something here that is no document there yet. @param except the subject of the one that is still there */
export async function closeLocalConflicts(
  client: PoolClient,
  connectionId: number,
  kind: string,
  localId: number,
  types: readonly ConflictType[],
  except: string | null,
): Promise<void> {
  await client.query(
    `UPDATE erp_conflicts SET state = 'resolved', resolved_at = now(), updated_at = now()
    WHERE connection_id = $1 AND kind = $2 AND local_id = $3 AND document_id IS NULL AND external_id IS NULL AND state = 'open'
      AND type = ANY ($4::text[]) AND subject IS DISTINCT FROM $5`,
    [connectionId, kind, localId, types, except],
  );
}
