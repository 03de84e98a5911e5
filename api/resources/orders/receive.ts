import { randomUUID } from "node:crypto";
import type { PoolClient } from "pg";
import type { z } from "zod";
import type { NewFact } from "../../../ingest/domain/fact.ts";
import { statedLots } from "../../../ingest/domain/stock/serial-moves.ts";
import { beyondLimits, isWithinLimits, leaveLimits } from "../../auth/limits.ts";
import { type Principal, reporterOf } from "../../auth/principal.ts";
import { invalid, Problem, refusedStatus } from "../../http/problem.ts";
import { recordFacts, settleOrders } from "../../http/record-facts.ts";
import { ownerWithin } from "../../http/references.ts";
import { addPosition, recordFitting } from "../movements/record-movement.ts";
import { lineFact } from "./line-facts.ts";
import { cancelRest, countUnfit, findStockFor, findTakingStock, missRest, type StoredOrder } from "./queries.ts";
import { receiveReturn } from "./receive-return.ts";
import type { receipt } from "./schema.ts";
import { nextStatuses } from "./status-edges.ts";

/** A clock may be ahead by so much, milliseconds. */
const MAX_AHEAD_MS = 5 * 60_000;

/**
 * Takes in what a person or a system says has arrived of an order: partly, in several deliveries, or short; damaged goods too. It
 * becomes stock where the order's goods go to, of the order's owner.
 * @throws Problem 409 when the order does not wait for goods
 */
export async function receiveOrder(
  client: PoolClient,
  principal: Principal,
  order: StoredOrder,
  body: z.output<typeof receipt>,
): Promise<void> {
  const now = Date.now();
  const arrivedAt = body.at?.getTime() ?? now;
  if (arrivedAt > now + MAX_AHEAD_MS) throw invalid("/at", "this time has not come yet");
  switch (order.kind) {
    case "restock":
    case "transfer":
      return receiveAwaited(client, principal, order, body, arrivedAt);
    case "customer":
      throw new Problem(
        409,
        `only goods that come to us are received; this is a customer order that is ${order.status}`,
      );
    case "return":
      return receiveReturn(client, principal, order, body, arrivedAt);
  }
}

/**
 * Where a sensor counts, the sensor sees goods of a restock order or a transfer by itself. What a sensor, a scan or a shipment has told
 * of the same goods is not counted twice (ingest/domain/stock/order-receipts.ts).
 */
async function receiveAwaited(
  client: PoolClient,
  principal: Principal,
  order: StoredOrder,
  { lines, short = false, evidence }: z.output<typeof receipt>,
  at: number,
): Promise<void> {
  const locationId = placeOf(order);
  const facts: NewFact[] = [];
  const ownerId = ownerWithin(principal.limits, order.owner_id ?? undefined) ?? null;
  if (order.kind === "transfer") await leaveLimits(client);
  for (const [index, { line, item_id, quantity, condition, lot, expires_on: expiry }] of lines.entries()) {
    const of = order.lines.find((each) => (line === undefined ? each.item_id === item_id : each.line === line));
    if (of === undefined || (item_id !== undefined && of.item_id !== item_id)) {
      throw invalid(
        `/lines/${index}/${line === undefined ? "item_id" : "line"}`,
        "this order has no line of this item",
      );
    }
    const { item_id: itemId } = of;
    if (condition !== "good") await countUnfit(client, order.id, of.line, condition, quantity);
    if (condition === "scrap") continue;
    const taking = await takingStock(client, order, itemId);
    const owner_id = taking === undefined ? ownerId : taking.owner_id;
    const known =
      condition === "good" ? taking?.id : await findStockFor(client, itemId, locationId, condition, owner_id);
    const stockId =
      known ?? (await addPosition(client, { item_id: itemId, location_id: locationId, owner_id, condition }));
    const lots = statedLots(lot, quantity, expiry);
    if (condition === "damaged") {
      const move = { order, line: of.line, stockId, delta: quantity, reason: "received", at, note: evidence, ...lots };
      facts.push(lineFact(principal, move));
      continue;
    }
    const { evidence: reporter, ...by } = reporterOf(principal);
    facts.push({
      key: `received:${order.id}:${randomUUID()}`,
      subject: `stock:${stockId}`,
      at,
      type: "adjusted",
      data: { delta: quantity, reason: "received", order: order.id, ...lots },
      rule: "person",
      ...by,
      evidence: [...reporter, { note: `order ${order.id}` }, ...(evidence === undefined ? [] : [{ note: evidence }])],
      confidence: 1,
    });
  }
  if (order.kind === "transfer") await recordFitting(client, facts);
  else await recordFacts(client, { facts });
  await settleOrders(client, [order.id]);
  if (!short) return;
  if (order.kind === "transfer") await missRest(client, order.id);
  else await cancelRest(client, order.id);
  await settleOrders(client, [order.id]);
}

/**
 * The position that takes in its good goods, and whose it is; damaged ones are of the same owner.
 * @throws Problem 409 when it is another's, which the principal may not see
 */
async function takingStock(client: PoolClient, order: StoredOrder, itemId: number) {
  const taking = await beyondLimits(client, () => findTakingStock(client, order.id, itemId));
  if (taking === undefined || !isWithinLimits(client)) return taking;
  const { rowCount } = await client.query("SELECT FROM inventory_items WHERE id = $1", [taking.id]);
  if (rowCount === 1) return taking;
  throw new Problem(409, "the goods would become stock that you may not see: set the owner_id of the order first");
}

/** Where its goods are taken in. @throws Problem 409 when the order does not wait for goods */
function placeOf(order: StoredOrder): number {
  const { kind, status } = order;
  if (status === "received") throw new Problem(409, `this order was received already: ${receivedText(order)}`);
  const begun = kind === "transfer" ? "shipped" : "sent";
  if (status !== begun && status !== "partial") {
    const message = `a ${kind} order that is ${status} does not wait for goods: it has to be ${begun} or partial`;
    throw refusedStatus("/status", message, nextStatuses(kind, status));
  }
  const place = kind === "transfer" ? order.ship_to_id : order.location_id;
  if (place === null) throw new Problem(409, "this order names no ship_to_id, where its goods go to: set it first");
  return place;
}

/** "24 of 24, told by scale" */
const receivedText = ({ lines }: StoredOrder): string =>
  lines
    .map(({ received, quantity, received_by: by }) => {
      const sources = Object.keys(by);
      return `${received} of ${quantity}${sources.length > 0 ? `, told by ${sources.join(" and ")}` : ""}`;
    })
    .join("; ");
