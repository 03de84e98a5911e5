import type { Pool, PoolClient } from "pg";
import type { NewFact } from "../../domain/fact.ts";

/** Facts of a signal, not withdrawn, concluded after `after` (null: ever) and up to `to` (null: now); epoch milliseconds. */
export async function loadSignalFacts(
  client: Pool | PoolClient,
  deviceId: string,
  signal: string,
  after: number | null,
  to: number | null,
): Promise<NewFact[]> {
  const { rows } = await client.query<NewFact>({
    name: "load_signal_facts",
    text: `SELECT key, subject, round(extract(epoch FROM at) * 1000)::float8 AS at, type, data, rule, evidence, confidence,
        device_id AS "deviceId", signal, round(extract(epoch FROM concluded_at) * 1000)::float8 AS "concludedAt", late
      FROM facts WHERE device_id = $1 AND signal = $2 AND withdrawn_at IS NULL
        AND concluded_at > coalesce(to_timestamp($3::float8 / 1000), '-infinity')
        AND concluded_at <= coalesce(to_timestamp($4::float8 / 1000), 'infinity')`,
    values: [deviceId, signal, after, to],
  });
  return rows;
}

/** Facts of a subject, not withdrawn, from `from` to `to` (epoch milliseconds). */
export async function loadFactsBetween(
  client: PoolClient,
  subject: NewFact["subject"],
  from: number,
  to: number,
): Promise<NewFact[]> {
  const { rows } = await client.query<NewFact>({
    name: "load_facts_between",
    text: `SELECT key, subject, round(extract(epoch FROM at) * 1000)::float8 AS at, type, data, rule, evidence, confidence::float8,
        device_id AS "deviceId", signal, round(extract(epoch FROM concluded_at) * 1000)::float8 AS "concludedAt"
      FROM facts WHERE subject = $1 AND at BETWEEN to_timestamp($2::float8 / 1000) AND to_timestamp($3::float8 / 1000)
        AND withdrawn_at IS NULL`,
    values: [subject, from, to],
  });
  return rows.map(({ deviceId, ...fact }) => (deviceId ? { ...fact, deviceId } : fact) as NewFact);
}
