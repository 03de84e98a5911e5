import type { Pool } from "pg";
import type { Signal } from "../../pipeline/signal-kinds.ts";

/** The quarantine reason of late readings whose derivation has failed too often: they are stored, and no fact follows. */
export const NOT_DERIVED = "not-derived";

const AS_PAYLOAD = `jsonb_build_object('kind', $2::text, 'from', "from", 'to', "to")`;

/**
 * Moves late windows of a signal to quarantine, from where people can retry them. A device has one row for each kind, whose
 * period grows: bad readings of ten thousand tags are one row.
 * @param detail why, in words
 */
export async function setAside(
  pool: Pool,
  { deviceId, kind }: Pick<Signal, "deviceId" | "kind">,
  ids: readonly number[],
  detail: string,
): Promise<void> {
  await pool.query(
    `WITH taken AS (DELETE FROM late_windows WHERE id = ANY($3::bigint[]) RETURNING from_ts, to_ts),
      period AS (SELECT min(from_ts) AS "from", max(to_ts) AS "to" FROM taken HAVING count(*) > 0)
    INSERT INTO quarantine AS q (source, device_id, topic, received_at, reason, detail, payload)
      SELECT 'late/' || $1::text || '/' || $2::text, $1::text, 'devices/' || $1::text || '/' || $2::text, now(),
        '${NOT_DERIVED}', $4::text, convert_to(${AS_PAYLOAD}::text, 'UTF8') FROM period
      ON CONFLICT (source) DO UPDATE SET received_at = excluded.received_at, detail = excluded.detail, retry_requested_at = NULL,
        payload = (SELECT convert_to(jsonb_build_object('kind', $2::text, 'from', least(old."from", new."from"),
            'to', greatest(old."to", new."to"))::text, 'UTF8')
          FROM jsonb_to_record(convert_from(q.payload, 'UTF8')::jsonb) AS old ("from" timestamptz, "to" timestamptz),
            jsonb_to_record(convert_from(excluded.payload, 'UTF8')::jsonb) AS new ("from" timestamptz, "to" timestamptz))`,
    [deviceId, kind, ids, detail],
  );
}

/** Queues the readings that were set aside for the late data worker: of an RFID reader one window for each tag read since they began. */
export async function retrySetAside(pool: Pool, source: string): Promise<void> {
  await pool.query(
    `WITH released AS (DELETE FROM quarantine WHERE source = $1 AND reason = '${NOT_DERIVED}'
        RETURNING device_id, convert_from(payload, 'UTF8')::jsonb AS payload),
      period AS (SELECT r.device_id, p.* FROM released r,
        jsonb_to_record(r.payload) AS p (kind text, "from" timestamptz, "to" timestamptz))
    INSERT INTO late_windows (device_id, kind, epc, from_ts, to_ts)
      SELECT device_id, kind, '', "from", "to" FROM period WHERE kind <> 'rfid'
      UNION ALL SELECT p.device_id, kind, t.epc, "from", "to" FROM period p
        JOIN tag_states t ON t.device_id = p.device_id AND t.newest_ts >= "from" WHERE kind = 'rfid'`,
    [source],
  );
}

/** Of how many devices and kinds late readings are set aside. */
export async function countSetAside(pool: Pool): Promise<number> {
  const { rows } = await pool.query<{ count: number }>({
    name: "count_set_aside",
    text: `SELECT count(*) FROM quarantine WHERE reason = '${NOT_DERIVED}'`,
  });
  return rows[0]!.count;
}
