import type { PoolClient } from "pg";

/** A tag's visit to a reader that may be over. Times in epoch milliseconds. */
export interface DueDwell {
  deviceId: string;
  epc: string;
  /** of the reader's state; null: there is none */
  version: number | null;
  /** when anything was last received of the reader */
  lastReceivedAt: number;
  /** the reader said, or the broker saw, that it went away, and nothing has come of it since: it cannot have read the tag */
  isAway: boolean;
}

/** How a visit is named in the table of what is due. */
export function dwellSubject({ deviceId, epc }: { deviceId: string; epc: string }): string {
  return `${deviceId} ${epc}`;
}

/** Takes visits to look at, which no other worker then gets until the transaction ends. */
export async function claimDueDwells(client: PoolClient, now: number, limit: number): Promise<DueDwell[]> {
  const { rows } = await client.query<Omit<DueDwell, "deviceId" | "epc"> & { subject: string }>({
    name: "claim_due_visits",
    text: `SELECT t.subject, s.version, coalesce(round(extract(epoch FROM s.last_received_at) * 1000), 0)::float8 AS "lastReceivedAt",
        coalesce(c.disconnected_at IS NOT NULL OR (s.latest -> 'status' ->> 'state' = 'offline'
          AND s.newest_ts <= to_timestamp((s.latest -> 'status' ->> 'ts')::float8 / 1000)), false) AS "isAway"
      FROM timers t
      LEFT JOIN device_states s ON s.device_id = split_part(t.subject, ' ', 1)
      LEFT JOIN device_connections c ON c.device_id = s.device_id
      WHERE t.rule = 'tag-presence' AND t.fires_at <= to_timestamp($1::float8 / 1000)
      ORDER BY t.fires_at LIMIT $2 FOR UPDATE OF t SKIP LOCKED`,
    values: [now, limit],
  });
  return rows.map(({ subject, ...visit }) => {
    const blank = subject.indexOf(" ");
    return { deviceId: subject.slice(0, blank), epc: subject.slice(blank + 1), ...visit };
  });
}
