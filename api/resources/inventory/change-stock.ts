import type { Context } from "hono";
import type { PoolClient } from "pg";
import { recordFacts } from "../../../ingest/decisions/record-facts.ts";
import type { Subject } from "../../../ingest/domain/fact.ts";
import type { Principal } from "../../auth/principal.ts";
import type { ApiEnv } from "../../deps.ts";
import { parseEtags } from "../../http/etag.ts";
import { checkIfMatch } from "../../http/preconditions.ts";
import { notFound } from "../../http/problem.ts";
import type { Versioned } from "../../http/response.ts";
import { readVersion } from "../../http/rows.ts";
import { countedByPerson } from "./facts.ts";
import { getInventoryItem, setStockRules } from "./queries.ts";
import type { InventoryItem } from "./schema.ts";

interface StockChange {
  quantity?: number | undefined;
  reorder_point?: number | undefined;
  source?: "ledger" | "scale" | "rfid" | undefined;
}

/**
 * Sets the rules of a stock position, and records a person's count.
 * @throws Problem 404, or 412 when If-Match does not name its version
 */
export async function changeStock(
  c: Context<ApiEnv>,
  client: PoolClient,
  principal: Principal,
  id: number,
  { quantity, ...rules }: StockChange,
): Promise<Versioned<InventoryItem>> {
  const version = await readVersion(client, "inventory_items", id);
  if (version === undefined) throw notFound("inventory item");
  checkIfMatch(c, version);
  const subject: Subject = `stock:${id}`;
  const conditional = parseEtags(c.req.header("If-Match")) !== undefined;
  if (rules.reorder_point !== undefined || rules.source !== undefined) await setStockRules(client, id, rules);
  await recordFacts(client, {
    facts: quantity === undefined ? [] : [countedByPerson(principal, id, quantity)],
    refold: [subject],
    ...(conditional && { expected: new Map([[subject, version]]) }),
  });
  return getInventoryItem(client, id);
}
