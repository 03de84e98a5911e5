import type { PoolClient } from "pg";
import { msOfTime, timeOfMs } from "../sql-time.ts";
import { type NodeTime, HEARD_NODES } from "./ingest-nodes.ts";

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
  /** the time of the node that heard the reader: everything it received up to then is committed */
  reached: number;
}

/** The subject of the timer of a dwell. */
export function dwellSubject({ deviceId, epc }: { deviceId: string; epc: string }): string {
  return `${deviceId} ${epc}`;
}

/**
 * Claims dwells whose timers have fired by the time of the node that heard their reader last. Other workers skip them until
 * the transaction ends.
 */
export async function claimDueDwells(
  client: PoolClient,
  { journalId, reached }: NodeTime,
  limit: number,
): Promise<DueDwell[]> {
  const { rows } = await client.query<Omit<DueDwell, "deviceId" | "epc"> & { subject: string }>({
    name: "claim_due_dwells",
    text: `SELECT t.subject, s.version, coalesce(${msOfTime("s.last_received_at")}, 0) AS "lastReceivedAt",
        coalesce(c.disconnected_at IS NOT NULL OR (s.latest -> 'status' ->> 'state' = 'offline'
          AND s.newest_ts <= ${timeOfMs("(s.latest -> 'status' ->> 'ts')")}), false) AS "isAway",
        ${msOfTime(`coalesce(n.received_until, ${timeOfMs("$1")})`)} AS reached
      FROM timers t
      LEFT JOIN device_states s ON s.device_id = split_part(t.subject, ' ', 1)
      LEFT JOIN device_connections c ON c.device_id = s.device_id
      LEFT JOIN ${HEARD_NODES} n ON n.journal_id = s.journal_id AND n.journal_id <> $3
      WHERE t.rule = 'tag-presence' AND t.fires_at <= ${timeOfMs("$1")}
        AND (n.received_until IS NULL OR t.fires_at <= n.received_until)
      ORDER BY t.fires_at LIMIT $2 FOR UPDATE OF t SKIP LOCKED`,
    values: [reached, limit, journalId],
  });
  return rows.map(({ subject, ...dwell }) => {
    const blank = subject.indexOf(" ");
    return { deviceId: subject.slice(0, blank), epc: subject.slice(blank + 1), ...dwell };
  });
}

/** How far these vehicles are by their own positions: the time of the newest one, epoch milliseconds. */
export async function loadVehicleTimes(
  client: PoolClient,
  vehicleIds: readonly number[],
): Promise<ReadonlyMap<number, number>> {
  if (vehicleIds.length === 0) return new Map();
  const { rows } = await client.query<{ id: number; ts: number }>({
    name: "load_vehicle_times",
    text: `SELECT vehicle_id AS id, ${msOfTime("ts")} AS ts FROM vehicle_positions WHERE vehicle_id = ANY($1::int[])`,
    values: [vehicleIds],
  });
  return new Map(rows.map(({ id, ts }) => [id, ts]));
}
