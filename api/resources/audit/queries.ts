import type { Pool, PoolClient } from "pg";
import { beginningWith, Conditions } from "../../http/lists/conditions.ts";
import type { AuditRow } from "../../http/audit/queries.ts";

export interface ChainedAuditRow extends AuditRow {
  chain_position: number | null;
  hash: string | null;
}

export interface AuditFilter {
  /** id of the last entry on the page before */
  before: number | undefined;
  actor: string | undefined;
  action: string | undefined;
  /** text that the subject begins with */
  subject: string | undefined;
  outcome: string | undefined;
  /** inclusive */
  from: string | undefined;
  /** exclusive */
  to: string | undefined;
}

/** Newest first. */
export async function listAudit(pool: Pool, filter: AuditFilter, limit: number): Promise<ChainedAuditRow[]> {
  const { before, actor, action, subject, outcome, from, to } = filter;
  const conditions = new Conditions()
    .where("id < ?", before)
    .where("actor = ?", actor)
    .where("action = ?", action)
    .where("subject LIKE ?", beginningWith(subject))
    .where("outcome = ?", outcome)
    .where("at >= ?", from)
    .where("at < ?", to);
  const { rows } = await pool.query<ChainedAuditRow>(
    `SELECT id, at, actor, action, subject, outcome, detail, chain_position, encode(hash, 'hex') AS hash FROM audit
    ${conditions.sql} ORDER BY id DESC LIMIT ${conditions.parameter(limit)}`,
    conditions.values,
  );
  return rows;
}

/** The ends of the chain of hashes; hashes in hexadecimal digits. */
export interface AuditChain {
  last_position: number;
  last_hash: string;
  /** of the entry before the first that is kept */
  forgotten_position: number;
  forgotten_hash: string;
}

export async function readAuditChain(client: PoolClient): Promise<AuditChain> {
  const { rows } = await client.query<AuditChain>(
    `SELECT last_position, encode(last_hash, 'hex') AS last_hash, forgotten_position,
      encode(forgotten_hash, 'hex') AS forgotten_hash FROM audit_chain`,
  );
  return rows[0]!;
}

/** The hash of a chained entry; undefined when there is no such entry. */
export async function findAuditHash(client: PoolClient, position: number): Promise<string | undefined> {
  const { rows } = await client.query<{ hash: string }>(
    "SELECT encode(hash, 'hex') AS hash FROM audit WHERE chain_position = $1",
    [position],
  );
  return rows[0]?.hash;
}

export interface AuditCheckResult {
  checked: number;
  last_position: number;
  last_hash: string;
  broken_position: number | null;
}

/** Compares the entries after a place of the chain with their hashes, at most `limit`. */
export async function checkAudit(
  client: PoolClient,
  after: { position: number; hash: string },
  limit: number,
): Promise<AuditCheckResult> {
  const { rows } = await client.query<AuditCheckResult>(
    `SELECT checked, last_position, encode(last_hash, 'hex') AS last_hash, broken_position
    FROM check_audit($1, decode($2, 'hex'), $3)`,
    [after.position, after.hash, limit],
  );
  return rows[0]!;
}
