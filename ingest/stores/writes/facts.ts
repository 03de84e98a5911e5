import type { NewFact, Subject } from "../../domain/fact.ts";
import type { Write } from "../statement.ts";
import { timeOfMs } from "../sql-time.ts";

/**
 * Records facts. A withdrawn fact that is derived again is reinstated under its first id. A sensor's fact that is derived
 * again with other values, such as a better mean, takes these.
 */
export function addFacts(facts: readonly NewFact[]): Write {
  return {
    name: "facts_added",
    sql: `INSERT INTO facts AS f (key, subject, at, type, data, rule, evidence, confidence, device_id, actor_id, signal, concluded_at, late)
      SELECT key, subject, ${timeOfMs("at")}, type, data, rule, evidence, confidence, "deviceId", "actorId",
        signal, ${timeOfMs('"concludedAt"')}, coalesce(late, false)
      FROM jsonb_to_recordset($1::jsonb) AS t (key text, subject text, at float8, type text, data jsonb, rule text,
        evidence jsonb, confidence real, "deviceId" text, "actorId" int, signal text, "concludedAt" float8, late boolean)
      ORDER BY key
      ON CONFLICT (key) DO UPDATE SET withdrawn_at = NULL, withdrawn_reason = NULL, at = excluded.at, data = excluded.data,
        rule = excluded.rule, evidence = excluded.evidence, confidence = excluded.confidence,
        concluded_at = excluded.concluded_at, late = excluded.late
        WHERE f.withdrawn_at IS NOT NULL OR f.signal IS NOT NULL
      RETURNING f.id, f.key`,
    params: [JSON.stringify(facts)],
  };
}

/** Marks facts as withdrawn. The rows stay, as a record of what was known before. */
export function withdrawFacts(keys: readonly string[], reason: string): Write {
  return {
    name: "facts_withdrawn",
    sql: `UPDATE facts SET withdrawn_at = now(), withdrawn_reason = $2 WHERE key = ANY($1::text[]) AND withdrawn_at IS NULL`,
    params: [keys, reason],
  };
}

/** Raises the version of every subject; refused unless each still has the version its facts were read at. */
export function lockVersions(versions: ReadonlyMap<Subject, number>): Write {
  const sorted = [...versions].sort(([a], [b]) => (a < b ? -1 : 1));
  return {
    name: "locked",
    sql: `INSERT INTO fold_versions AS v (subject, version)
      SELECT subject, version + 1 FROM unnest($1::text[], $2::bigint[]) AS t (subject, version) ORDER BY subject
      ON CONFLICT (subject) DO UPDATE SET version = excluded.version, changed_on = CURRENT_DATE WHERE v.version = excluded.version - 1
      RETURNING 1`,
    params: [sorted.map(([subject]) => subject), sorted.map(([, version]) => version)],
    check: "assert_unchanged((SELECT count(*) FROM locked) = cardinality($1::text[]), 'subject')",
  };
}
