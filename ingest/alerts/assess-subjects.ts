import type { Pool, PoolClient } from "pg";
import { type Assessment, nextCondition } from "../domain/alert/condition.ts";
import { type AlertedFact, nextEvents } from "../domain/alert/events.ts";
import { notifies } from "../domain/alert/notifies.ts";
import type { AlertRule } from "../domain/alert/rule.ts";
import { transaction } from "../decisions/transactions.ts";
import { type AlertChange, commitAlertChanges } from "../stores/queries/alerts/commit.ts";
import { type ConditionRow, databaseTime, loadConditions } from "../stores/queries/alerts/conditions.ts";
import type { SubjectKind } from "./subject-kind.ts";

interface Assessed<Row> {
  /** subjects for which something changes, and the changes */
  changes: Map<string, AlertChange[]>;
  rows: readonly Row[];
}

/**
 * Assesses subjects by the rules, and commits what changes: conditions, alerts, their history and the notice. Most subjects
 * change nothing; they cost two reads. What changes is assessed again under the lock of the engine, so that any number of
 * nodes may do this at once, and what was read is what is judged.
 * @returns the rows, for what is to be looked at later
 */
export async function assessSubjects<Id extends string | number, Row>(
  pool: Pool,
  rules: readonly AlertRule[],
  kind: SubjectKind<Id, Row>,
  ids: readonly Id[],
): Promise<readonly Row[]> {
  const concerned = rules.filter(({ type }) => kind.types.includes(type));
  if (ids.length === 0) return [];
  const { rows, changes } = await assess(pool, concerned, kind, ids);
  if (changes.size > 0) {
    const changing = ids.filter((id) => changes.has(subjectOfId(kind, id)));
    await commitAssessed(pool, concerned, kind, changing);
  }
  return rows;
}

/** PostgreSQL's `foreign_key_violation`: what was judged has been removed by the time its alert is written. */
const REMOVED_MEANWHILE = "23503";

async function commitAssessed<Id extends string | number, Row>(
  pool: Pool,
  rules: readonly AlertRule[],
  kind: SubjectKind<Id, Row>,
  ids: readonly Id[],
): Promise<void> {
  const attempt = () =>
    transaction(pool, async (client) => {
      await client.query("SELECT pg_advisory_xact_lock(hashtext('waystock alerts'), hashtext($1))", [kind.prefix]);
      const { changes } = await assess(client, rules, kind, ids);
      const all = [...changes.values()].flat();
      if (all.length > 0) await commitAlertChanges(client, all);
    });
  try {
    await attempt();
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === REMOVED_MEANWHILE)) throw error;
    // What is gone is judged to be gone.
    await attempt();
  }
}

/** Sources are looked at together: their ids are the subjects. */
const subjectOfId = (kind: { prefix: string }, id: string | number): string =>
  kind.prefix === "quarantine" ? String(id) : `${kind.prefix}:${id}`;

async function assess<Id extends string | number, Row>(
  db: Pool | PoolClient,
  rules: readonly AlertRule[],
  kind: SubjectKind<Id, Row>,
  ids: readonly Id[],
): Promise<Assessed<Row>> {
  const subjects = ids.map((id) => subjectOfId(kind, id));
  const loaded = await kind.load(db, ids);
  const conditions = groupConditions(await loadConditions(db, subjects));
  const now = await databaseTime(db);
  const rows = new Map(loaded.map((row) => [kind.subjectOf(row), row]));
  const changes = new Map<string, AlertChange[]>();
  for (const subject of subjects) {
    const row = rows.get(subject);
    const found = rules.flatMap((rule) => {
      const before = conditions.get(`${rule.id} ${subject}`);
      const change = changeOf(kind, rule, subject, row, before, now);
      return change === undefined ? [] : [change];
    });
    if (found.length > 0) changes.set(subject, found);
  }
  return { changes, rows: loaded };
}

const groupConditions = (rows: readonly ConditionRow[]): Map<string, ConditionRow> =>
  new Map(rows.map((row) => [`${row.ruleId} ${row.subject}`, row]));

function changeOf<Id extends string | number, Row>(
  kind: SubjectKind<Id, Row>,
  rule: AlertRule,
  subject: string,
  row: Row | undefined,
  before: ConditionRow | undefined,
  now: number,
): AlertChange | undefined {
  const finding = row === undefined ? { assessment: undefined } : kind.find(rule, row);
  const content = (detail: Assessment["detail"], late: boolean, happenedAt: number, times: number) => ({
    ...kind.targetOf(row!, detail),
    type: rule.type,
    severity: rule.severity,
    detail,
    late,
    notifies: notifies(rule.type, late),
    happenedAt,
    times,
  });
  if ("facts" in finding) return eventChange(rule, subject, finding.facts, before, content);
  const { assessment } = finding;
  const { condition, effect } = nextCondition(before, assessment, now);
  if (effect === undefined && isSame(before, condition)) return undefined;
  return {
    ruleId: rule.id,
    ruleVersion: rule.version,
    subject,
    condition: condition ? { ...condition, lastFactId: null } : null,
    effect: effect ?? null,
    alert:
      effect === "open" && assessment
        ? content(assessment.detail, assessment.late, condition!.since + assessment.holdMs, 1)
        : null,
  };
}

const isSame = (before: ConditionRow | undefined, after: { since: number; dueAt: number | null } | undefined) =>
  before === undefined ? after === undefined : after !== undefined && before.dueAt === after.dueAt;

type Content = (
  detail: Assessment["detail"],
  late: boolean,
  happenedAt: number,
  times: number,
) => NonNullable<AlertChange["alert"]>;

function eventChange(
  rule: AlertRule,
  subject: string,
  facts: readonly AlertedFact[],
  before: ConditionRow | undefined,
  content: Content,
): AlertChange | undefined {
  const seen = before && { lastFactId: before.lastFactId ?? 0, isOpen: before.isOpen };
  const { lastFactId, effect, news } = nextEvents(rule, seen, facts);
  if (effect === undefined) return undefined;
  const last = news.at(-1);
  return {
    ruleId: rule.id,
    ruleVersion: rule.version,
    subject,
    condition: {
      since: before?.since ?? last?.at ?? 0,
      dueAt: null,
      lastFactId: lastFactId ?? before?.lastFactId ?? null,
    },
    effect,
    alert: last
      ? content(
          last.detail,
          news.every(({ late }) => late),
          last.at,
          news.length,
        )
      : null,
  };
}
