import type { Pool, PoolClient } from "pg";
import type { NewFact } from "../../domain/fact.ts";
import type { VoidFact } from "../../domain/void-successors.ts";
import { msOfTime, timeOfMs } from "../sql-time.ts";
import { LAST_SEQ } from "./checkpoints.ts";

/**
 * Ends a LATERAL subquery that finds few rows by an index. Without it the planner, which cannot know how few subjects are
 * asked for, may join with the whole table.
 */
export const FEW_ROWS = "OFFSET 0";

/** Those of the facts that are void: a fact that is derived again has the same key. */
export async function loadVoidFacts(client: Pool | PoolClient, keys: readonly string[]): Promise<VoidFact[]> {
  const { rows } = await client.query<VoidFact>({
    name: "load_void_facts",
    text: `SELECT key, subject, type, ${msOfTime("at")} AS at, device_id AS "deviceId", (data ->> 'locationId')::int AS "locationId",
        (data ->> 'vehicleId')::int AS "vehicleId", voided_by AS "voidedBy"
      FROM facts WHERE key = ANY($1::text[]) AND voided_by IS NOT NULL`,
    values: [keys],
  });
  return rows;
}

/**
 * Facts of a signal, not withdrawn, or void but for that, concluded after `after` (null: ever) and up to `to` (null: now); epoch milliseconds.
 * After a reader's own checkpoint, which has no state of the tag, only those with a reading after it: the end of a dwell is
 * concluded later than its last read, and could not be derived again from there.
 */
export async function loadSignalFacts(
  client: Pool | PoolClient,
  deviceId: string,
  signal: string,
  after: number | { ts: number; seq: number } | null,
  to: number | null,
): Promise<NewFact[]> {
  const since = typeof after === "number" ? { ts: after, seq: 0 } : after;
  const { rows } = await client.query<NewFact>({
    name: "load_signal_facts",
    text: `SELECT key, subject, ${msOfTime("at")} AS at, type, data, rule, evidence, confidence,
        device_id AS "deviceId", signal, ${msOfTime("concluded_at")} AS "concludedAt", late
      FROM facts WHERE device_id = $1 AND signal = $2 AND (withdrawn_at IS NULL OR voided_by IS NOT NULL AND NOT retracted)
        AND concluded_at > coalesce(${timeOfMs("$3")}, '-infinity')
        AND concluded_at <= coalesce(${timeOfMs("$4")}, 'infinity')`,
    values: [deviceId, signal, since?.ts ?? null, to],
  });
  if (since?.seq !== LAST_SEQ) return rows;
  return rows.filter(({ evidence }) => evidence.some(({ ts }) => ts !== undefined && Date.parse(ts) > since.ts));
}

/** A subject, and a range of time; epoch milliseconds. */
export interface SubjectRange {
  subject: NewFact["subject"];
  from: number;
  to: number;
}

/** Facts of subjects, each in its range, not withdrawn. */
export async function loadFactsBetween(client: PoolClient, ranges: readonly SubjectRange[]): Promise<NewFact[]> {
  const { rows } = await client.query<NewFact>({
    name: "load_facts_between",
    text: `SELECT f.* FROM unnest($1::text[], $2::float8[], $3::float8[]) AS r (subject, since, until)
      CROSS JOIN LATERAL (
        SELECT key, subject, ${msOfTime("at")} AS at, type, data, rule, evidence, confidence::float8,
          device_id AS "deviceId", signal, ${msOfTime("concluded_at")} AS "concludedAt"
        FROM facts WHERE facts.subject = r.subject AND facts.at BETWEEN ${timeOfMs("r.since")} AND ${timeOfMs("r.until")}
          AND withdrawn_at IS NULL ${FEW_ROWS}
      ) AS f`,
    values: [ranges.map(({ subject }) => subject), ranges.map(({ from }) => from), ranges.map(({ to }) => to)],
  });
  return rows.map(({ deviceId, ...fact }) => (deviceId ? { ...fact, deviceId } : fact) as NewFact);
}

/** All facts of each subject that are not withdrawn, and the subject's version, from one snapshot. */
export async function loadFactsOfSubjects(
  client: Pool | PoolClient,
  subjects: readonly NewFact["subject"][],
): Promise<{ subject: NewFact["subject"]; facts: NewFact[]; version: number }[]> {
  const { rows } = await client.query<{ subject: NewFact["subject"]; facts: NewFact[]; version: number }>({
    name: "load_facts_of_subjects",
    text: `SELECT t.subject, coalesce(v.version, 0) AS version,
        (SELECT coalesce(json_agg(json_build_object('key', f.key, 'subject', f.subject, 'at', round(extract(epoch FROM f.at) * 1000),
          'type', f.type, 'data', f.data, 'rule', f.rule, 'evidence', f.evidence, 'confidence', f.confidence, 'deviceId', f.device_id)), '[]')
          FROM facts f WHERE f.subject = t.subject AND f.withdrawn_at IS NULL) AS facts
      FROM unnest($1::text[]) AS t (subject) LEFT JOIN fold_versions v ON v.subject = t.subject`,
    values: [subjects],
  });
  return rows;
}

/** When vehicles arrived, departed and drove off, from `from` to `to` (epoch milliseconds). */
export async function loadVehicleFacts(
  client: Pool | PoolClient,
  vehicleIds: readonly number[],
  from: number,
  to: number,
): Promise<NewFact[]> {
  const { rows } = await client.query<NewFact>({
    name: "load_vehicle_facts",
    text: `SELECT key, subject, round(extract(epoch FROM at) * 1000)::float8 AS at, type, data, rule, evidence, confidence::float8,
        device_id AS "deviceId"
      FROM facts WHERE subject = ANY($1::text[]) AND at BETWEEN to_timestamp($2::float8 / 1000) AND to_timestamp($3::float8 / 1000)
        AND type IN ('arrived', 'departed', 'trip_started') AND withdrawn_at IS NULL`,
    values: [vehicleIds.map((id) => `vehicle:${id}`), from, to],
  });
  return rows;
}
