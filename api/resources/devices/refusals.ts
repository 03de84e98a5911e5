import type { Pool } from "pg";

/** Refusals older than this are history. */
const SHOWN_FOR = "7 days";

/** What a device sent late, but no fact follows from: deriving it has failed too often (ingest sets it aside in quarantine). */
export async function describeSetAside(db: Pool, deviceId: string): Promise<string[]> {
  const { rows } = await db.query<{ kind: string; from: Date; to: Date }>(
    `SELECT p.* FROM quarantine, jsonb_to_record(convert_from(payload, 'UTF8')::jsonb) AS p (kind text, "from" timestamptz, "to" timestamptz)
      WHERE device_id = $1 AND reason = 'not-derived' ORDER BY id`,
    [deviceId],
  );
  const time = (date: Date) => `${date.toISOString().slice(0, 19)}Z`;
  return rows.map(
    ({ kind, from, to }) =>
      `its late ${kind} readings from ${time(from)} to ${time(to)} changed nothing: deriving them failed. Quarantine has the reason and can retry`,
  );
}

interface Refusal {
  kind: "flapping" | "forbidden_publish" | "forbidden_subscribe";
  detail: string;
  last_at: Date;
  times: number;
}

/** What brokers refused a device in the last week, in words for people. */
export async function describeRefusals(db: Pool, deviceId: string): Promise<string[]> {
  const { rows } = await db.query<Refusal>(
    `SELECT kind, detail, last_at, times FROM device_warnings
      WHERE device_id = $1 AND last_at > now() - $2::interval ORDER BY last_at DESC`,
    [deviceId, SHOWN_FOR],
  );
  return rows.map(({ kind, detail, last_at, times }) => {
    const often = `${times === 1 ? "once" : `${times} times`}, last at ${last_at.toISOString().slice(0, 19)}Z`;
    switch (kind) {
      case "flapping":
        return `it connects too often and was refused (${often}): does it restart, or does another device use its id?`;
      case "forbidden_publish":
        return `it may not publish to ${detail} (${often}): its connection was closed`;
      case "forbidden_subscribe":
        return `it may not subscribe to ${detail} (${often})`;
    }
  });
}
