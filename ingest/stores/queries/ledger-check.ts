import type { Pool } from "pg";
import { MAX_LEVEL } from "../../domain/stock/movement.ts";

/** Whether the last check was a day ago, by the clock of the database, or there was none. */
export async function isLedgerCheckDue(pool: Pool): Promise<boolean> {
  const { rows } = await pool.query<{ due: boolean }>(
    "SELECT NOT EXISTS (SELECT FROM ledger_checks WHERE checked_at > now() - interval '1 day') AS due",
  );
  return rows[0]!.due;
}

interface ComparedPositions {
  positions: number;
  /** id of the last one */
  last: number;
  /** ids of those whose level is not the sum of their movements */
  different: number[];
}

/** Compares the next positions after this id with their movements, in one snapshot. */
export async function compareLedger(pool: Pool, after: number, limit: number): Promise<ComparedPositions> {
  const { rows } = await pool.query<ComparedPositions>(
    `SELECT count(*)::int AS positions, coalesce(max(id), 0) AS last,
      coalesce(array_agg(id ORDER BY id) FILTER (WHERE level <> moved), '{}') AS different
    FROM (SELECT i.id, least(greatest(i.quantity, 0), ${MAX_LEVEL}) AS level,
        (SELECT coalesce(sum(m.delta), 0) FROM movements m WHERE m.inventory_item_id = i.id) AS moved
      FROM inventory_items i WHERE i.id > $1 ORDER BY i.id LIMIT $2) compared`,
    [after, limit],
  );
  return rows[0]!;
}

export async function saveLedgerCheck(
  pool: Pool,
  { positions, different, examples }: { positions: number; different: number; examples: readonly number[] },
): Promise<void> {
  await pool.query(
    `INSERT INTO ledger_checks (checked_at, positions, different, examples) VALUES (now(), $1, $2, $3)
    ON CONFLICT (singleton) DO UPDATE SET checked_at = excluded.checked_at, positions = excluded.positions,
      different = excluded.different, examples = excluded.examples`,
    [positions, different, examples],
  );
}
