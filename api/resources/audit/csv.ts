import type { Pool } from "pg";
import { csvLines } from "../../tables/csv-text.ts";
import { type AuditFilter, listAudit } from "./queries.ts";

const COLUMNS = ["id", "at", "actor", "action", "subject", "outcome", "detail", "chain_position", "hash"];
/** Rows that are read, and written, together. */
const PAGE_SIZE = 1_000;

/**
 * The audit as CSV (RFC 4180, with a header line), newest first, page by page: an export is as long as the audit. What a
 * spreadsheet would run as a formula is marked as text.
 */
export async function* auditCsv(pool: Pool, filter: AuditFilter): AsyncGenerator<Uint8Array> {
  yield csvLines([COLUMNS]);
  let { before } = filter;
  for (;;) {
    const rows = await listAudit(pool, { ...filter, before }, PAGE_SIZE);
    if (rows.length > 0) {
      yield csvLines(
        rows.map(({ id, at, actor, action, subject, outcome, detail, chain_position, hash }) => [
          id,
          at,
          actor,
          action,
          subject,
          outcome,
          detail,
          chain_position,
          hash,
        ]),
      );
    }
    if (rows.length < PAGE_SIZE) return;
    before = rows.at(-1)!.id;
  }
}
