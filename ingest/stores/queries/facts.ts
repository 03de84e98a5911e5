import type { Pool, PoolClient } from "pg";
import type { NewFact } from "../../domain/fact.ts";
import { msOfTime, timeOfMs } from "../sql-time.ts";

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
    text: `SELECT key, subject, ${msOfTime("at")} AS at, type, data, rule, evidence, confidence,
        device_id AS "deviceId", signal, ${msOfTime("concluded_at")} AS "concludedAt", late
      FROM facts WHERE device_id = $1 AND signal = $2 AND withdrawn_at IS NULL
        AND concluded_at > coalesce(${timeOfMs("$3")}, '-infinity')
        AND concluded_at <= coalesce(${timeOfMs("$4")}, 'infinity')`,
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
    text: `SELECT key, subject, ${msOfTime("at")} AS at, type, data, rule, evidence, confidence::float8,
        device_id AS "deviceId", signal, ${msOfTime("concluded_at")} AS "concludedAt"
      FROM facts WHERE subject = $1 AND at BETWEEN ${timeOfMs("$2")} AND ${timeOfMs("$3")}
        AND withdrawn_at IS NULL`,
    values: [subject, from, to],
  });
  return rows.map(({ deviceId, ...fact }) => (deviceId ? { ...fact, deviceId } : fact) as NewFact);
}
