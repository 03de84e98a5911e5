import { stringify } from "csv-stringify/sync";
import type { Pool } from "pg";
import { type AuditFilter, listAudit } from "./queries.ts";

const COLUMNS = ["id", "at", "actor", "action", "subject", "outcome", "detail", "chain_position", "hash"];
/** Rows that are read, and written, together. */
const PAGE_SIZE = 1_000;

/**
 * The audit as CSV (RFC 4180, with a header line), newest first, page by page: an export is as long as the audit. What a
 * spreadsheet would run as a formula is marked as text.
 */
export async function* auditCsv(pool: Pool, filter: AuditFilter): AsyncGenerator<Uint8Array> {
  yield lines([COLUMNS]);
  let { before } = filter;
  for (;;) {
    const rows = await listAudit(pool, { ...filter, before }, PAGE_SIZE);
    if (rows.length > 0) {
      yield lines(
        rows.map(({ id, at, actor, action, subject, outcome, detail, chain_position, hash }) => [
          id,
          at.toISOString(),
          actor,
          action,
          subject,
          outcome,
          detail === null ? "" : JSON.stringify(detail),
          chain_position,
          hash,
        ]),
      );
    }
    if (rows.length < PAGE_SIZE) return;
    before = rows.at(-1)!.id;
  }
}

const lines = (records: unknown[][]): Uint8Array =>
  Buffer.from(stringify(records, { escape_formulas: true, record_delimiter: "windows" }), "utf8");
