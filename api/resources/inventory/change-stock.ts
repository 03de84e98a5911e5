import type { Context } from "hono";
import type { PoolClient } from "pg";
import { recordFacts } from "../../http/record-facts.ts";
import type { Subject } from "../../../ingest/domain/fact.ts";
import { levelOf } from "../../../ingest/domain/stock/movement.ts";
import { leaveLimits, withinLimits } from "../../auth/limits.ts";
import type { Principal } from "../../auth/principal.ts";
import type { ApiEnv } from "../../deps.ts";
import { parseEtags } from "../../http/etag.ts";
import { checkIfMatch } from "../../http/preconditions.ts";
import { notFound } from "../../http/problem.ts";
import type { Versioned } from "../../http/response.ts";
import { readVersion } from "../../http/rows.ts";
import { type AdjustLimit, assertMayAdjust } from "../movements/adjust-limit.ts";
import { findStockSum } from "../movements/queries.ts";
import { countedByPerson } from "./facts.ts";
import { getInventoryItem, setStockRules } from "./queries.ts";
import type { InventoryItem } from "./schema.ts";

interface StockChange {
  quantity?: number | undefined;
  /** null: none of its own */
  reorder_point?: number | null | undefined;
  source?: "ledger" | "scale" | "rfid" | undefined;
}

/**
 * Sets the rules of a stock position, and records a person's count.
 * @throws Problem 404, 403 beyond an operator's limit, or 412 when If-Match does not name its version
 */
export async function changeStock(
  c: Context<ApiEnv>,
  client: PoolClient,
  principal: Principal,
  id: number,
  { quantity, ...rules }: StockChange,
  adjustLimit: AdjustLimit,
): Promise<Versioned<InventoryItem>> {
  const version = await readVersion(client, "inventory_items", id);
  if (version === undefined) throw notFound("inventory item");
  checkIfMatch(c, version);
  if (quantity !== undefined) {
    const { sum, isMeasured } = (await findStockSum(client, id))!;
    assertMayAdjust(principal, adjustLimit, { level: levelOf(sum), isMeasured }, quantity - levelOf(sum));
  }
  const subject: Subject = `stock:${id}`;
  const conditional = parseEtags(c.req.header("If-Match")) !== undefined;
  if (rules.reorder_point !== undefined || rules.source !== undefined) await setStockRules(client, id, rules);
  await recordFacts(client, {
    facts: quantity === undefined ? [] : [countedByPerson(principal, id, quantity)],
    refold: [subject],
    ...(conditional && { expected: new Map([[subject, version]]) }),
  });
  return getItemAsSeen(client, principal, id);
}

/** What a principal sees of an item that it has changed: facts are folded without its limits, and with them goes what it may not see. */
export function getItemAsSeen(client: PoolClient, principal: Principal, id: number): Promise<Versioned<InventoryItem>> {
  return withinLimits(client, principal, async () => {
    const item = await getInventoryItem(client, id);
    await leaveLimits(client);
    return item;
  });
}
