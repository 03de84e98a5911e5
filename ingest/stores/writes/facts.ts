import type { NewFact, Subject } from "../../domain/fact.ts";
import type { Write } from "../statement.ts";
import { timeOfMs } from "../sql-time.ts";

/**
 * Records facts. A withdrawn fact that is derived again is reinstated under its first id. A sensor's fact that is derived
 * again with other values, such as a better mean, takes these. One that is void stays void.
 * @param successors void by the fact of this id, like what they come in the stead of
 * @param voidCount how many of all were void when they were folded: any other number refuses the statement
 */
export function addFacts(
  facts: readonly NewFact[],
  successors: ReadonlyMap<string, number> = NO_SUCCESSORS,
  voidCount = 0,
): Write {
  const rows = successors.size === 0 ? facts : facts.map((fact) => ({ ...fact, voidedBy: successors.get(fact.key) }));
  return {
    name: "facts_added",
    sql: `INSERT INTO facts AS f (key, subject, at, type, data, rule, evidence, confidence, device_id, actor_id, signal, concluded_at, late,
        voided_by, withdrawn_at, withdrawn_reason)
      SELECT key, subject, ${timeOfMs("at")}, type, data, rule, evidence, confidence, "deviceId", "actorId",
        signal, ${timeOfMs('"concludedAt"')}, coalesce(late, false),
        "voidedBy", CASE WHEN "voidedBy" IS NOT NULL THEN now() END, CASE WHEN "voidedBy" IS NOT NULL THEN '${AS_BEFORE}' END
      FROM jsonb_to_recordset($1::jsonb) AS t (key text, subject text, at float8, type text, data jsonb, rule text,
        evidence jsonb, confidence real, "deviceId" text, "actorId" int, signal text, "concludedAt" float8, late boolean,
        "voidedBy" bigint)
      ORDER BY key
      ON CONFLICT (key) DO UPDATE SET voided_by = coalesce(f.voided_by, excluded.voided_by), retracted = false,
        withdrawn_at = CASE WHEN f.voided_by IS NOT NULL THEN f.withdrawn_at ELSE excluded.withdrawn_at END,
        withdrawn_reason = CASE WHEN f.voided_by IS NOT NULL THEN f.withdrawn_reason ELSE excluded.withdrawn_reason END,
        at = excluded.at, data = excluded.data,
        rule = excluded.rule, evidence = excluded.evidence, confidence = excluded.confidence,
        concluded_at = excluded.concluded_at, late = excluded.late
        WHERE f.withdrawn_at IS NOT NULL OR f.signal IS NOT NULL OR excluded.voided_by IS NOT NULL
      RETURNING f.id, f.key, f.subject, f.at, f.recorded_at, f.actor_id, f.voided_by, f.type, f.data, f.rule`,
    params: [JSON.stringify(rows), voidCount],
    check: "assert_unchanged((SELECT count(*) FROM facts_added WHERE voided_by IS NOT NULL) = $2, 'subject')",
  };
}

const NO_SUCCESSORS: ReadonlyMap<string, number> = new Map();
const AS_BEFORE = "void at another time";

/** Marks facts as withdrawn. The rows stay, as a record of what was known before. */
export function withdrawFacts(keys: readonly string[], reason: string): Write {
  return {
    name: "facts_withdrawn",
    sql: `UPDATE facts SET withdrawn_at = coalesce(withdrawn_at, now()), retracted = voided_by IS NOT NULL,
        withdrawn_reason = CASE WHEN voided_by IS NULL THEN $2 ELSE withdrawn_reason END
      WHERE key = ANY($1::text[]) AND (withdrawn_at IS NULL OR voided_by IS NOT NULL) RETURNING id, type, data`,
    params: [keys, reason],
  };
}

/** Marks facts as void, by facts that the same statement adds. */
export function voidFacts(voids: readonly { key: string; by: string; reason: string }[]): Write {
  return {
    name: "voids_written",
    sql: `UPDATE facts f SET voided_by = a.id, withdrawn_at = now(), withdrawn_reason = t.reason
      FROM jsonb_to_recordset($1::jsonb) AS t (key text, by text, reason text) JOIN facts_added a ON a.key = t.by
      WHERE f.key = t.key RETURNING f.id, f.type, f.data`,
    params: [JSON.stringify(voids)],
  };
}

/** Takes voids back. A fact that its readings do not give any longer stays withdrawn. */
export function restoreFacts(keys: readonly string[]): Write {
  return {
    name: "facts_restored",
    sql: `UPDATE facts SET voided_by = NULL, withdrawn_at = CASE WHEN retracted THEN now() END,
        withdrawn_reason = CASE WHEN retracted THEN 'detected again in the order of measurement' END, retracted = false
      WHERE key = ANY($1::text[]) RETURNING id, type, data`,
    params: [keys],
  };
}

/**
 * Leaves for the relay what others are told of and no custody log has: tags that passed a gate, and goods out of their limits.
 * @param changed the writes of this statement that change facts; undefined when none of them can have such a fact
 */
export function tellOfFacts(added: readonly NewFact[], changed: readonly Write[]): Write | undefined {
  const names = changed.map(({ name }) => name).filter((name) => name !== "facts_added" || added.some(isTold));
  if (names.length === 0) return undefined;
  return {
    name: "facts_left_for_relay",
    sql: `INSERT INTO outbox (event, record_id) SELECT 'fact.changed', id
      FROM (${names.map((name) => `SELECT id, type, data FROM ${name}`).join(" UNION ALL ")}) AS changed
      WHERE type IN ('excursion', 'excursion_over') OR type = 'seen' AND data @> '{"portal": true}' AND data ->> 'direction' IN ('in', 'out')`,
    params: [],
  };
}

function isTold({ type, data }: NewFact): boolean {
  if (type === "excursion" || type === "excursion_over") return true;
  return type === "seen" && data.portal === true && data.direction !== "unknown";
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
