import { randomUUID } from "node:crypto";
import type { PoolClient } from "pg";
import type { NewFact } from "../domain/fact.ts";
import { LOT_HOLD } from "../domain/stock/lots.ts";
import { loadPlaces } from "../stores/queries/places.ts";
import {
  findGoodsOnHold,
  findGoodsToRelease,
  type LotAtPosition,
  positionsInCondition,
} from "../stores/queries/lots/lot-holds.ts";
import { freeBeyondLevel, lockHoldingOrders } from "../stores/queries/restock/reservations.ts";
import { runWrites } from "../stores/statement.ts";
import { notifyChanges } from "../stores/writes/change-notice.ts";
import { decide } from "./decide.ts";

/** Who says that goods are on hold, or free again. */
export type HoldReporter = Pick<NewFact, "actorId" | "evidence">;

/** Moved by one call at most. */
const BATCH_SIZE = 200;

/**
 * Moves what is good, and of a lot on hold, to the position of condition `hold` at the same place: there it is not available.
 * Goods of the lot that come later are moved by the same call. What orders hold of them is free again, and open for the orders.
 * Call it within `inTransaction`.
 * @param lotId of this lot only; else of all lots on hold
 * @returns how many goods were moved; as many as `limit`: there may be more
 */
export async function moveLotsOnHold(
  client: PoolClient,
  reporter: HoldReporter,
  lotId?: number,
  limit: number = BATCH_SIZE,
): Promise<number> {
  const goods = await findGoodsOnHold(client, lotId ?? null, limit);
  const stockIds = goods.map(({ stockId }) => stockId);
  if (goods.length > 0) await lockHoldingOrders(client, stockIds);
  await move(client, goods, "hold", reporter);
  if (goods.length > 0) await freeBeyondLevel(client, stockIds, "on hold");
  return goods.length;
}

/** Moves what is on hold of a released lot back to what is good. Call it within `inTransaction`. */
export async function moveReleasedLot(client: PoolClient, reporter: HoldReporter, lotId: number): Promise<number> {
  return move(client, await findGoodsToRelease(client, lotId), "good", reporter);
}

async function move(
  client: PoolClient,
  goods: readonly LotAtPosition[],
  condition: "hold" | "good",
  reporter: HoldReporter,
): Promise<number> {
  if (goods.length === 0) return 0;
  const targets = await positionsInCondition(
    client,
    goods.map(({ stockId }) => stockId),
    condition,
  );
  const at = Date.now();
  const facts = goods.flatMap(({ stockId, lot, quantity, reason }) => {
    const transfer = randomUUID();
    const fact = (side: "out" | "in", id: number, delta: number): NewFact => ({
      key: `transfer:${transfer}:${side}`,
      subject: `stock:${id}`,
      at,
      type: "adjusted",
      data: { delta, reason, transfer, lots: [{ lot, quantity }] },
      rule: LOT_HOLD,
      confidence: 1,
      ...reporter,
    });
    return [fact("out", stockId, -quantity), fact("in", targets.get(stockId)!, quantity)];
  });
  const { writes, stockIds } = await decide(client, { added: facts, withdrawn: [] }, await loadPlaces(client));
  await runWrites(client, [...writes, notifyChanges({ stock: stockIds })]);
  return goods.length;
}
