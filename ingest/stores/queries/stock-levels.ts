import type { Pool, PoolClient } from "pg";
import type { Fact, Subject } from "../../domain/fact.ts";
import type { StockSource, StockState } from "../../domain/stock/state.ts";
import { msOfTime } from "../sql-time.ts";

/** A stock position with the versions that a commit checks. */
export interface StoredStock {
  id: number;
  governing: StockSource;
  /** the state after its newest fact; null before the first */
  fold: StockState | null;
  /** of the row, which is the ETag */
  rowVersion: number;
  /** of the position as a subject of facts */
  version: number;
}

export async function loadStock(client: Pool | PoolClient, ids: readonly number[]): Promise<StoredStock[]> {
  const { rows } = await client.query<StoredStock>({
    name: "load_stock",
    text: `SELECT i.id, i.source AS governing, i.fold, i.version AS "rowVersion", coalesce(v.version, 0) AS version
      FROM inventory_items i LEFT JOIN fold_versions v ON v.subject = 'stock:' || i.id
      WHERE i.id = ANY($1::int[])`,
    values: [ids],
  });
  return rows;
}

/** All facts of a stock position that are not withdrawn, and their version, from one snapshot. */
export async function loadStockFacts(
  client: Pool | PoolClient,
  id: number,
): Promise<{ facts: Fact[]; version: number }> {
  const subject: Subject = `stock:${id}`;
  const { rows } = await client.query<{ facts: Fact[]; version: number }>({
    name: "load_stock_facts",
    text: `SELECT
      (SELECT coalesce(json_agg(json_build_object('id', f.id, 'key', f.key, 'subject', f.subject, 'at', ${msOfTime("f.at")},
          'type', f.type, 'data', f.data, 'rule', f.rule, 'evidence', f.evidence, 'confidence', f.confidence)), '[]')
        FROM facts f WHERE f.subject = $1 AND f.withdrawn_at IS NULL) AS facts,
      coalesce((SELECT version FROM fold_versions WHERE subject = $1), 0) AS version`,
    values: [subject],
  });
  return rows[0]!;
}
