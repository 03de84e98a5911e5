import type { Pool, PoolClient } from "pg";

export interface AuditRow {
  id: number;
  at: Date;
  actor: string;
  action: string;
  subject: string | null;
  outcome: "done" | "refused";
  detail: unknown;
}

export type NewAuditEntry = Pick<AuditRow, "actor" | "action" | "subject" | "outcome" | "detail">;

/** Decides which refusals are recorded one by one, and counts the rest; see infra/runtime/refusal-limit.ts. */
export interface RefusalLimit {
  admit(source: string, action: string, nowMs: number): boolean;
  takeCounts(nowMs: number, isEnding?: boolean): Array<{ source: string; action: string; times: number }>;
}

/** Clients choose their paths, which may be long. */
const MAX_TEXT_LENGTH = 256;

/** Adds an entry to the audit, without what is shaped like a secret: a client chooses its paths and what it types. */
export type AddAuditEntry = (db: Pool | PoolClient, entry: NewAuditEntry) => Promise<void>;

/** Writes what was done always, and of refusals those that `limit` admits. */
export function createAuditWriter(maskSecrets: (text: string) => string, limit: RefusalLimit): AddAuditEntry {
  const textOf = (text: string): string => maskSecrets(text.slice(0, MAX_TEXT_LENGTH));

  async function insert(db: Pool | PoolClient, { actor, action, subject, outcome, detail }: NewAuditEntry) {
    const maskedDetail: unknown = detail === null ? null : JSON.parse(maskSecrets(JSON.stringify(detail)));
    await db.query({
      name: "api_audit",
      text: "INSERT INTO audit (actor, action, subject, outcome, detail) VALUES ($1, $2, $3, $4, $5)",
      values: [textOf(actor), action, subject === null ? null : textOf(subject), outcome, maskedDetail],
    });
  }

  return async (db, entry) => {
    // What was done is written with its transaction, always.
    if (entry.outcome === "done") return insert(db, entry);
    const now = performance.now();
    for (const { source, action, times } of limit.takeCounts(now)) {
      const detail = { reason: "further refusals, only counted", times };
      await insert(db, { actor: source, action, subject: null, outcome: "refused", detail });
    }
    // Strangers share the actor `nobody`, so what they tried tells them apart.
    const source = entry.actor === "nobody" ? `nobody ${entry.subject ?? ""}` : entry.actor;
    if (limit.admit(source.slice(0, MAX_TEXT_LENGTH), entry.action, now)) await insert(db, entry);
  };
}

/** Adds many entries of what was done by one statement, within the caller's transaction. */
export type AddAuditEntries = (client: PoolClient, entries: readonly NewAuditEntry[]) => Promise<void>;

export function createAuditBatchWriter(maskSecrets: (text: string) => string): AddAuditEntries {
  return async (client, entries) => {
    if (entries.length === 0) return;
    await client.query(
      `INSERT INTO audit (actor, action, subject, outcome, detail)
      SELECT actor, action, left(subject, ${MAX_TEXT_LENGTH}), outcome, detail
        FROM jsonb_to_recordset($1::jsonb) AS e (actor text, action text, subject text, outcome text, detail jsonb)`,
      [maskSecrets(JSON.stringify(entries))],
    );
  };
}
