import type { Pool } from "pg";
import type { z } from "zod";
import { transaction } from "../../../ingest/decisions/record-facts.ts";
import { invalid } from "../../http/problem.ts";
import { checkAudit, findAuditHash, readAuditChain } from "./queries.ts";
import type { auditCheck } from "./schema.ts";

/** Entries per request: about a second. */
const MAX_CHECKED = 100_000;

/**
 * Compares entries of the audit with the chain of their hashes, from the oldest that is kept, or after the entry at `after`.
 * @throws Problem 400 when there is no entry at `after`
 */
export function checkAuditChain(pool: Pool, after: number | undefined): Promise<z.output<typeof auditCheck>> {
  return transaction(pool, async (client) => {
    // One moment for all: meanwhile entries are chained and forgotten.
    await client.query("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY");
    const chain = await readAuditChain(client);
    const start = { position: after ?? chain.forgotten_position, hash: chain.forgotten_hash };
    if (start.position !== chain.forgotten_position) {
      const hash = await findAuditHash(client, start.position);
      if (hash === undefined) throw invalid("/after", "there is no entry at this position");
      start.hash = hash;
    }
    const result = await checkAudit(client, start, MAX_CHECKED);
    const { last_position: checkedTo, last_hash } = result;
    const isEnd = result.checked < MAX_CHECKED && result.broken_position === null;
    // The newest entries were removed: nothing follows that could show it, but the head of the chain does.
    const isCut = isEnd && (checkedTo !== chain.last_position || last_hash !== chain.last_hash);
    const broken_position = result.broken_position ?? (isCut ? checkedTo + 1 : null);
    return {
      intact: broken_position === null,
      first_position: chain.forgotten_position + 1,
      checked_to: checkedTo,
      last_position: chain.last_position,
      broken_position,
      last_hash,
    };
  });
}
