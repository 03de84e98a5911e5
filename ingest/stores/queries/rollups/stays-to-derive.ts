import type { PoolClient } from "pg";

/** Takes shipments whose stays were never derived. They are taken for good when the transaction commits. */
export async function takeUnderived(client: PoolClient, limit: number): Promise<number[]> {
  const { rows } = await client.query<{ id: number }>({
    name: "take_underived_stays",
    text: `DELETE FROM stays_to_derive WHERE shipment_id IN (SELECT shipment_id FROM stays_to_derive ORDER BY shipment_id LIMIT $1
        FOR UPDATE SKIP LOCKED) RETURNING shipment_id AS id`,
    values: [limit],
  });
  return rows.map(({ id }) => id);
}
