import type { Pool } from "pg";
import type { EventLog } from "./schema.ts";

/** Rows that are counted at most: what has grown so large is told by its age. */
const MAX_COUNTED = 100_000;

const AGE = (time: string): string => `greatest(0, extract(epoch FROM now() - ${time}))::float8`;

/** How far the relay has come, and those who follow the log by themselves. */
export async function readEventLog(pool: Pool): Promise<EventLog> {
  const { rows } = await pool.query<Omit<EventLog, "followers">>({
    name: "api_event_log",
    text: `SELECT (SELECT count(*)::int FROM (SELECT FROM outbox LIMIT ${MAX_COUNTED}) o) AS waiting,
      (SELECT ${AGE("created_at")} FROM outbox ORDER BY id LIMIT 1) AS lag_seconds,
      (SELECT recorded_at FROM outbound_events ORDER BY position DESC LIMIT 1) AS last_event_at,
      (SELECT recorded_at FROM outbound_events ORDER BY position LIMIT 1) AS first_event_at,
      pg_total_relation_size('outbound_events')::float8 AS bytes`,
  });
  const { rows: followers } = await pool.query<EventLog["followers"][number]>({
    name: "api_event_followers",
    text: `SELECT f.name, (SELECT count(*)::int FROM (SELECT FROM outbound_events e WHERE e.position > f.position LIMIT ${MAX_COUNTED}) e) AS behind,
        (SELECT ${AGE("e.recorded_at")} FROM outbound_events e WHERE e.position > f.position ORDER BY e.position LIMIT 1) AS lag_seconds,
        f.updated_at, f.missed::float8, f.missed_at, f.failing_since, f.problem
      FROM event_followers f ORDER BY f.name`,
  });
  return { ...rows[0]!, followers };
}
