import type pg from "pg";

interface PlanNode {
  "Node Type": string;
  "Relation Name"?: string;
  "Index Name"?: string;
  "Actual Rows": number;
  "Actual Loops": number;
  "Rows Removed by Filter"?: number;
  "Rows Removed by Index Recheck"?: number;
  Plans?: PlanNode[];
}

/** One read of a table by a statement that was carried out. */
export interface TableRead {
  table: string;
  index: string | undefined;
  /** rows that were looked at, whether or not they were wanted */
  rows: number;
}

export interface ExplainedStatement {
  text: string;
  reads: TableRead[];
  milliseconds: number;
}

type Query = (config: string | pg.QueryConfig, values?: unknown, callback?: unknown) => unknown;

/**
 * Has Postgres explain every SELECT that is sent through a pool from now on, with its own values and in its own transaction,
 * just before it is carried out. @param withQueries also those that begin with WITH, unless they write
 * @returns the statements, in order; empty it as you like
 */
export function explainStatements(pool: pg.Pool, { withQueries = false } = {}): ExplainedStatement[] {
  const isRead = withQueries ? /^\s*(?:SELECT|WITH)\b.*\bFROM\b/is : /^\s*SELECT\b.*\bFROM\b/is;
  const explained: ExplainedStatement[] = [];
  pool.on("connect", (client) => {
    const send = client.query.bind(client) as Query;
    (client as { query: Query }).query = (config, values, callback) => {
      const text = typeof config === "string" ? config : config.text;
      if (isRead.test(text) && !(withQueries && /\b(?:INSERT|UPDATE|DELETE)\b/i.test(text)))
        explain(send, config, values, explained);
      return send(config, values, callback);
    };
  });
  return explained;
}

/** Queries of one client are carried out in the order in which they are sent. */
function explain(send: Query, config: string | pg.QueryConfig, values: unknown, into: ExplainedStatement[]): void {
  const text = typeof config === "string" ? config : config.text;
  const parameters = typeof config === "string" ? (Array.isArray(values) ? values : []) : (config.values ?? []);
  const statement: ExplainedStatement = { text, reads: [], milliseconds: Number.NaN };
  into.push(statement);
  const explanation = send(`EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON) ${text}`, parameters) as Promise<pg.QueryResult>;
  explanation.then(
    ({ rows }) => {
      const [{ Plan: plan, "Execution Time": ms, "Planning Time": planning }] = rows[0]["QUERY PLAN"];
      statement.reads = readsOf(plan);
      statement.milliseconds = ms + planning;
    },
    // The statement itself, sent next, fails the same way for its caller.
    () => undefined,
  );
}

function readsOf(node: PlanNode): TableRead[] {
  const { "Relation Name": table, "Index Name": index, "Actual Loops": loops } = node;
  const each =
    node["Actual Rows"] + (node["Rows Removed by Filter"] ?? 0) + (node["Rows Removed by Index Recheck"] ?? 0);
  const own = table === undefined ? [] : [{ table, index: indexOf(node) ?? index, rows: Math.round(each * loops) }];
  return [...own, ...(node.Plans ?? []).flatMap(readsOf)];
}

/** A bitmap scan names its indexes in the nodes below it. */
function indexOf(node: PlanNode): string | undefined {
  if (node["Node Type"] !== "Bitmap Heap Scan") return undefined;
  const below = (each: PlanNode): string[] => [
    ...(each["Index Name"] === undefined ? [] : [each["Index Name"]]),
    ...(each.Plans ?? []).flatMap(below),
  ];
  return below(node).join(" + ");
}
