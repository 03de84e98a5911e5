import type { Pool } from "pg";
import { timeOfMs } from "../sql-time.ts";

/** How far a node is. */
export interface NodeTime {
  /** the id of its journal */
  journalId: string;
  /** everything it received up to then is committed, epoch milliseconds */
  reached: number;
}

/** SQL: the nodes by which absence is judged. One that was not heard of for a day does not come back, and holds up nothing. */
export const HEARD_NODES = "(SELECT * FROM ingest_nodes WHERE seen_at > now() - interval '1 day')";

/** Tells the other nodes how far this one is. */
export async function publishNodeTime(pool: Pool, { journalId, reached }: NodeTime): Promise<void> {
  await pool.query({
    name: "publish_node_time",
    text: `WITH gone AS (DELETE FROM ingest_nodes WHERE seen_at < now() - interval '1 day' AND journal_id <> $1)
      INSERT INTO ingest_nodes (journal_id, received_until) VALUES ($1, ${timeOfMs("$2")})
      ON CONFLICT (journal_id) DO UPDATE SET received_until = excluded.received_until, seen_at = now()`,
    values: [journalId, reached],
  });
}
