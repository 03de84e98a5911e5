import { randomUUID } from "node:crypto";
import type { PoolClient } from "pg";
import type { z } from "zod";
import type { NewFact } from "../../../ingest/domain/fact.ts";
import { statedLots } from "../../../ingest/domain/stock/serial-moves.ts";
import { type Principal, reporterOf } from "../../auth/principal.ts";
import { invalid, Problem, refusedStatus } from "../../http/problem.ts";
import { recordFacts, settleOrders } from "../../http/record-facts.ts";
import { ownerWithin } from "../../http/references.ts";
import { addPosition } from "../movements/record-movement.ts";
import { lineFact } from "./line-facts.ts";
import { cancelRest, countUnfit, findStockFor, type StoredOrder } from "./queries.ts";
import { receiveGoods } from "./receive-goods.ts";
import type { receipt } from "./schema.ts";
import { nextStatuses } from "./status-edges.ts";

/** A clock may be ahead by so much, milliseconds. */
const MAX_AHEAD_MS = 5 * 60_000;

/**
 * Takes in what a person or a system says has arrived of an order: partly, in several deliveries, or short; damaged goods too. It
 * becomes stock where the order's goods go to.
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
      return receiveRestock(client, principal, order, body, arrivedAt);
    case "customer":
      throw new Problem(
        409,
        `only goods that come to us are received; this is a customer order that is ${order.status}`,
      );
    default:
      return receiveGoods(client, principal, order, body, arrivedAt);
  }
}

/**
 * Where a sensor counts, the sensor sees goods of a restock order by itself. What a sensor, a scan or a shipment has told of the
 * same goods is not counted twice (ingest/domain/stock/order-receipts.ts).
 */
async function receiveRestock(
  client: PoolClient,
  principal: Principal,
  order: StoredOrder,
  { lines, short = false, evidence }: z.output<typeof receipt>,
  at: number,
): Promise<void> {
  if (order.status === "received") throw new Problem(409, `this order was received already: ${receivedText(order)}`);
  if (order.status !== "sent" && order.status !== "partial") {
    const message = `only a restock order that is sent or partial receives goods; this is a ${order.kind} order that is ${order.status}`;
    throw refusedStatus("/status", message, nextStatuses(order.kind, order.status));
  }
  const { location_id: locationId } = order;
  if (locationId === null) throw new Problem(409, "this order names no location: set it first");
  const facts: NewFact[] = [];
  const owner_id = ownerWithin(principal.limits, undefined);
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
    const place = { item_id: itemId, location_id: locationId, owner_id, condition };
    const stockId = (await findStockFor(client, itemId, locationId, condition)) ?? (await addPosition(client, place));
    if (condition === "damaged") {
      const move = {
        order,
        line: of.line,
        stockId,
        delta: quantity,
        reason: "received",
        at,
        note: evidence,
        ...statedLots(lot, quantity, expiry),
      };
      facts.push(lineFact(principal, move));
      continue;
    }
    const { evidence: reporter, ...by } = reporterOf(principal);
    facts.push({
      key: `received:${order.id}:${randomUUID()}`,
      subject: `stock:${stockId}`,
      at,
      type: "adjusted",
      data: { delta: quantity, reason: "received", order: order.id, ...statedLots(lot, quantity, expiry) },
      rule: "person",
      ...by,
      evidence: [...reporter, { note: `order ${order.id}` }, ...(evidence === undefined ? [] : [{ note: evidence }])],
      confidence: 1,
    });
  }
  await recordFacts(client, { facts });
  await settleOrders(client, [order.id]);
  if (!short) return;
  await cancelRest(client, order.id);
  await settleOrders(client, [order.id]);
}

/** "24 of 24, told by scale" */
const receivedText = ({ lines }: StoredOrder): string =>
  lines
    .map(({ received, quantity, received_by: by }) => {
      const sources = Object.keys(by);
      return `${received} of ${quantity}${sources.length > 0 ? `, told by ${sources.join(" and ")}` : ""}`;
    })
    .join("; ");
