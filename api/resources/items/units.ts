import type { PoolClient } from "pg";
import { invalid } from "../../http/problem.ts";

/**
 * Each unit of an item has one factor: no pack is called like the base unit.
 * @throws Problem 400
 */
export async function checkUnits(
  client: PoolClient,
  itemId: number | null,
  change: { base_unit?: unknown; packs?: unknown },
): Promise<void> {
  if (change.base_unit === undefined && change.packs === undefined) return;
  const isKnown = itemId === null || (change.base_unit !== undefined && change.packs !== undefined);
  const { rows } = isKnown ? { rows: [] } : await findUnits(client, itemId);
  const base = (change.base_unit as string | undefined) ?? rows[0]?.base_unit ?? "piece";
  const packs = (change.packs as { unit: string }[] | undefined) ?? rows[0]?.packs ?? [];
  const at = packs.findIndex(({ unit }) => unit === base);
  if (at < 0) return;
  throw invalid(
    change.packs === undefined ? "/base_unit" : `/packs/${at}/unit`,
    `${base} is the base unit: a pack of it needs another name`,
  );
}

const findUnits = (client: PoolClient, itemId: number) =>
  client.query<{ base_unit: string; packs: { unit: string }[] }>("SELECT base_unit, packs FROM items WHERE id = $1", [
    itemId,
  ]);
