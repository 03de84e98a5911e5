import type { PoolClient } from "pg";

/** A list on which nothing is left to pick is done. */
export async function closeFinishedLists(client: PoolClient, ids: readonly number[]): Promise<void> {
  if (ids.length === 0) return;
  await client.query({
    name: "close_finished_lists",
    text: `UPDATE pick_lists p SET updated_at = now(), version = p.version + 1, status = CASE WHEN p.status = 'open' AND NOT EXISTS (
        SELECT FROM pick_tasks t WHERE t.pick_list_id = p.id AND t.picked + t.short < t.quantity) THEN 'done' ELSE p.status END
      WHERE id = ANY($1::int[])`,
    values: [ids],
  });
}
