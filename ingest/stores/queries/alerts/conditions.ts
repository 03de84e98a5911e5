import type { Pool, PoolClient } from "pg";
import { msOfTime } from "../../sql-time.ts";

/** What is remembered of a rule and a subject. Times in epoch milliseconds. */
export interface ConditionRow {
  ruleId: number;
  subject: string;
  since: number;
  dueAt: number | null;
  lastFactId: number | null;
  /** its alert is not resolved */
  isOpen: boolean;
}

export async function loadConditions(db: Pool | PoolClient, subjects: readonly string[]): Promise<ConditionRow[]> {
  const { rows } = await db.query<ConditionRow>({
    name: "alert_conditions_of",
    text: `SELECT c.rule_id AS "ruleId", c.subject, ${msOfTime("c.since")} AS since, ${msOfTime("c.due_at")} AS "dueAt",
        c.last_fact_id::float8 AS "lastFactId", coalesce(a.state <> 'resolved', false) AS "isOpen"
      FROM alert_conditions c LEFT JOIN alerts a ON a.id = c.alert_id
      WHERE (c.rule_id, c.subject) IN (SELECT r.id, s FROM alert_rules r, unnest($1::text[]) AS s)`,
    values: [subjects],
  });
  return rows;
}

/** Subjects of conditions that have lasted for as long as they must, stock positions first. */
export async function dueSubjects(pool: Pool, limit: number): Promise<string[]> {
  const { rows } = await pool.query<{ subject: string }>({
    name: "alert_conditions_due",
    text: "SELECT subject FROM alert_conditions WHERE due_at <= now() ORDER BY starts_with(subject, 'inventory_item:') DESC, due_at LIMIT $1",
    values: [limit],
  });
  return rows.map(({ subject }) => subject);
}

/** Subjects of all conditions, page by page: those whose stock position, device or vehicle is gone among them. */
export async function conditionSubjects(pool: Pool, after: string, limit: number): Promise<string[]> {
  const { rows } = await pool.query<{ subject: string }>({
    name: "alert_condition_subjects",
    text: "SELECT DISTINCT subject FROM alert_conditions WHERE subject > $1 ORDER BY subject LIMIT $2",
    values: [after, limit],
  });
  return rows.map(({ subject }) => subject);
}

/** By the clock of Postgres, which stamps the changes; epoch milliseconds. */
export async function databaseTime(db: Pool | PoolClient): Promise<number> {
  const { rows } = await db.query<{ now: number }>({
    name: "alert_time",
    text: `SELECT ${msOfTime("clock_timestamp()")} AS now`,
  });
  return rows[0]!.now;
}
