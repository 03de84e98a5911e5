import type { PoolClient } from "pg";
import { msOfTime, timeOfMs } from "../sql-time.ts";

/** A tag's dwell at a reader that may be over. Times in epoch milliseconds. */
export interface DueDwell {
  deviceId: string;
  epc: string;
  /** of the reader's device state; null: it has none */
  version: number | null;
  /** when anything was last received from the reader */
  lastReceivedAt: number;
  /** the reader has disconnected or reported to be offline, and has sent nothing since: it could not have read the tag */
  isAway: boolean;
}

/** The subject of the timer of a dwell. */
export function dwellSubject({ deviceId, epc }: { deviceId: string; epc: string }): string {
  return `${deviceId} ${epc}`;
}

/** Claims dwells whose timers have fired by `now`. Other workers skip them until the transaction ends. */
export async function claimDueDwells(client: PoolClient, now: number, limit: number): Promise<DueDwell[]> {
  const { rows } = await client.query<Omit<DueDwell, "deviceId" | "epc"> & { subject: string }>({
    name: "claim_due_dwells",
    text: `SELECT t.subject, s.version, coalesce(${msOfTime("s.last_received_at")}, 0) AS "lastReceivedAt",
        coalesce(c.disconnected_at IS NOT NULL OR (s.latest -> 'status' ->> 'state' = 'offline'
          AND s.newest_ts <= ${timeOfMs("(s.latest -> 'status' ->> 'ts')")}), false) AS "isAway"
      FROM timers t
      LEFT JOIN device_states s ON s.device_id = split_part(t.subject, ' ', 1)
      LEFT JOIN device_connections c ON c.device_id = s.device_id
      WHERE t.rule = 'tag-presence' AND t.fires_at <= ${timeOfMs("$1")}
      ORDER BY t.fires_at LIMIT $2 FOR UPDATE OF t SKIP LOCKED`,
    values: [now, limit],
  });
  return rows.map(({ subject, ...dwell }) => {
    const blank = subject.indexOf(" ");
    return { deviceId: subject.slice(0, blank), epc: subject.slice(blank + 1), ...dwell };
  });
}
