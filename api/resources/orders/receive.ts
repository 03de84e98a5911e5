import { randomUUID } from "node:crypto";
import type { PoolClient } from "pg";
import type { z } from "zod";
import type { NewFact } from "../../../ingest/domain/fact.ts";
import { type Principal, reporterOf } from "../../auth/principal.ts";
import { invalid, Problem } from "../../http/problem.ts";
import { recordFacts, settleOrders } from "../../http/record-facts.ts";
import { ownerWithin } from "../../http/references.ts";
import { addPosition } from "../movements/record-movement.ts";
import { cancelRest, findStockFor, type StoredOrder } from "./queries.ts";
import type { receipt } from "./schema.ts";

/** A clock may be ahead by so much, milliseconds. */
const MAX_AHEAD_MS = 5 * 60_000;

/**
 * Takes in what a person or a system says has arrived of a restock order: partly, in several deliveries, or short. It becomes
 * stock at the order's location; where a sensor counts, the sensor sees it by itself. What a sensor, a scan or a shipment has told
 * of the same goods is not counted twice (ingest/domain/stock/order-receipts.ts).
 * @throws Problem 409 when the order does not wait for goods
 */
export async function receiveOrder(
  client: PoolClient,
  principal: Principal,
  order: StoredOrder,
  { lines, short = false, evidence, at }: z.output<typeof receipt>,
): Promise<void> {
  if (order.kind !== "restock" || (order.status !== "sent" && order.status !== "partial")) {
    throw new Problem(
      409,
      order.kind === "restock" && order.status === "received"
        ? `this order was received already: ${receivedText(order)}`
        : `only a restock order that is sent or partial receives goods; this is a ${order.kind} order that is ${order.status}`,
    );
  }
  const { location_id: locationId } = order;
  if (locationId === null) throw new Problem(409, "this order names no location: set it first");
  const now = Date.now();
  const arrivedAt = at?.getTime() ?? now;
  if (arrivedAt > now + MAX_AHEAD_MS) throw invalid("/at", "this time has not come yet");
  const facts: NewFact[] = [];
  for (const [index, { item_id: itemId, quantity }] of lines.entries()) {
    if (!order.lines.some((each) => each.item_id === itemId)) {
      throw invalid(`/lines/${index}/item_id`, "this order has no line of this item");
    }
    const owner_id = ownerWithin(principal.limits, undefined);
    const place = { item_id: itemId, location_id: locationId, owner_id, condition: "good" };
    const stockId = (await findStockFor(client, itemId, locationId)) ?? (await addPosition(client, place));
    const { evidence: reporter, ...by } = reporterOf(principal);
    facts.push({
      key: `received:${order.id}:${randomUUID()}`,
      subject: `stock:${stockId}`,
      at: arrivedAt,
      type: "adjusted",
      data: { delta: quantity, reason: "received", order: order.id },
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
