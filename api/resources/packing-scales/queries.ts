import type { Reader } from "../../auth/limits.ts";
import { timeOfMs } from "../../http/sql-time.ts";
import type { PackingScale } from "./schema.ts";

/** Scales that stand at a location and weigh no shelf: what is packed is put on them. */
export async function listPackingScales(
  db: Reader,
  { after, limit }: { after: string | undefined; limit: number },
): Promise<PackingScale[]> {
  const { rows } = await db.query<PackingScale>(
    `SELECT d.id, d.name, l.id AS location_id, l.name AS location_name, (s.latest #>> '{scale,grams}')::float8 AS weight_grams,
      (s.latest #>> '{scale,stable}')::boolean AS stable, ${timeOfMs("(s.latest #>> '{scale,ts}')")} AS measured_at
    FROM devices d
      JOIN LATERAL (SELECT mount FROM device_mounts WHERE device_id = d.id AND since <= now() ORDER BY since DESC LIMIT 1) m ON true
      JOIN locations l ON l.id = (m.mount ->> 'location_id')::int
      LEFT JOIN device_states s ON s.device_id = d.id
    WHERE d.kind = 'scale' AND d.state = 'active' AND NOT m.mount ? 'item_id' AND ($1::text IS NULL OR d.id > $1)
    ORDER BY d.id LIMIT $2`,
    [after ?? null, limit],
  );
  return rows;
}
