import { transaction } from "../../../ingest/decisions/record-facts.ts";
import type { PullKind } from "./adapter.ts";
import { closeConflicts, openConflict } from "./conflicts.ts";
import type { Pass } from "./pass-tools.ts";

/** Documents whose being there is asked for at once, and in one pass of each kind. */
const AT_ONCE = 100;
/** A document is asked for no more often than this. */
const EVERY = "1 hour";
const KINDS: readonly PullKind[] = ["item", "customer", "supplier", "sale", "purchase"];

/**
 * Looks for documents that were deleted there: nothing that was changed tells of them. Those that were asked for longest ago come
 * first. Somebody who asks for a sync has all of them asked for.
 */
export async function checkDeleted({ pool, connection, adapter, owned, stopping }: Pass): Promise<void> {
  const { rows: clock } = await pool.query<{ now: Date }>("SELECT now()");
  const before = clock[0]!.now;
  for (const kind of KINDS) {
    for (let more = true; more && !stopping.aborted;) {
      const { rows } = await pool.query<{ id: number; externalId: string; number: string; localId: number }>(
        `SELECT id::float8, external_id AS "externalId", number, local_id::float8 AS "localId" FROM erp_documents d
        WHERE connection_id = $1 AND direction = 'in' AND state = 'linked' AND kind = $2 AND local_id IS NOT NULL
          -- A file was put for it, and the table does not show it yet.
          AND NOT EXISTS (SELECT FROM erp_documents o WHERE o.connection_id = $1 AND o.key = d.external_id)
          AND checked_at < CASE WHEN $3 THEN $4::timestamptz ELSE now() - interval '${EVERY}' END
        ORDER BY checked_at LIMIT ${AT_ONCE}`,
        [connection.id, kind, connection.checksAll, before],
      );
      more = connection.checksAll && rows.length === AT_ONCE;
      if (rows.length === 0) break;
      const there = await adapter.existing(
        kind,
        rows.map(({ externalId }) => externalId),
      );
      await transaction(pool, async (client) => {
        await owned(client);
        const ids = rows.map(({ id }) => id);
        await client.query("UPDATE erp_documents SET checked_at = now() WHERE id = ANY ($1::bigint[])", [ids]);
        for (const { id, externalId, number, localId } of rows) {
          if (there.has(externalId)) continue;
          await client.query(
            "UPDATE erp_documents SET state = 'deleted', updated_at = now() WHERE id = $1 AND state = 'linked'",
            [id],
          );
          // What else was open about it is over.
          await closeConflicts(client, id, ["both_changed", "changed_after_shipping", "not_possible"]);
          const message = `the ${kind} ${number} was deleted there, and is here still`;
          const about = { type: "deleted_there" as const, kind, documentId: id, localId, externalId, subject: "" };
          await openConflict(client, connection.id, { ...about, message, ours: { id: localId }, theirs: null });
        }
      });
    }
  }
}
