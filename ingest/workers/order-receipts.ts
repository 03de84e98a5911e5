import type { Pool, PoolClient } from "pg";
import type { Logger } from "pino";
import { decide } from "../decisions/decide.ts";
import { inTransaction, settleOrders } from "../decisions/record-facts.ts";
import type { NewFact } from "../domain/fact.ts";
import { SHIPMENT_RECEIPT } from "../domain/stock/arrivals.ts";
import { lotsWithin } from "../domain/stock/lots.ts";
import { factChanges } from "../reprocessing/rederive-signal.ts";
import {
  type DeliveredShipment,
  loadDeliveredShipments,
  loadShipmentReceipts,
  lockOpenOrders,
  ordersToSettle,
  placesWithoutPosition,
} from "../stores/queries/restock/order-receipts.ts";
import { loadPlaces } from "../stores/queries/places.ts";
import { runWrites } from "../stores/statement.ts";
import { notifyChanges } from "../stores/writes/change-notice.ts";
import { createStockPositions, type MissingPosition } from "../stores/writes/waiting-scans.ts";
import { type Loop, startLoop } from "./loop.ts";

const INTERVAL_MS = 500;
/** Orders are looked at for a tenth of the time at most: a platform may have thousands that wait for goods. */
const PAUSE = 9;
const BATCH_SIZE = 100;

/**
 * Receives restock orders by what sensors and scans see at their stock positions, and by the shipments that carry their lines.
 * Commits of readings do no work for it: it looks at the open orders whose positions or shipments have changed since.
 */
export function startOrderReceipts(pool: Pool, log: Logger): Loop {
  let nextMs = 0;
  let looks = 0;
  async function tick(): Promise<boolean> {
    const began = performance.now();
    if (began < nextMs) return false;
    while ((await receiveOrders(pool)) === BATCH_SIZE);
    nextMs = performance.now() + PAUSE * (performance.now() - began);
    looks += 1;
    return false;
  }
  // A tick in the pause has looked at nothing.
  return { ...startLoop("order receipts", tick, log, INTERVAL_MS), ticks: () => looks };
}

/** Brings up to 100 orders to what has arrived of them. @returns how many were looked at */
export async function receiveOrders(pool: Pool): Promise<number> {
  const missing: MissingPosition[] = [];
  const orders = await inTransaction(pool, async (client) => {
    const ids = await ordersToSettle(client, BATCH_SIZE);
    if (ids.length === 0) return 0;
    missing.splice(0, missing.length, ...(await placesWithoutPosition(client, ids)));
    if (missing.length > 0) return ids.length;
    await lockOpenOrders(client, ids);
    await receiveShipments(client, ids);
    await settleOrders(client, ids);
    return ids.length;
  });
  if (missing.length === 0) return orders;
  await createStockPositions(pool, missing);
  return receiveOrders(pool);
}

/** Has the delivered shipments of these orders be receipts at their stock positions, and no others. */
async function receiveShipments(client: PoolClient, orderIds: readonly number[]): Promise<void> {
  const delivered = await loadDeliveredShipments(client, orderIds);
  const changes = factChanges(await loadShipmentReceipts(client, orderIds), delivered.map(receiptOf), false);
  if (changes.added.length === 0 && changes.withdrawn.length === 0) return;
  const { writes, stockIds } = await decide(client, changes, await loadPlaces(client));
  await runWrites(client, [...writes, notifyChanges({ stock: stockIds })]);
}

function receiptOf(shipment: DeliveredShipment): NewFact {
  const { trackingNumber, orderId, stockId, quantity, lots, at } = shipment;
  const known = lotsWithin(
    lots.map((lot) => ({ ...lot, since: at })),
    quantity,
  ).map(({ lot, quantity }) => ({ lot, quantity }));
  return {
    key: keyOf(shipment),
    subject: `stock:${stockId}`,
    at,
    type: "adjusted",
    data: { delta: quantity, reason: "received", order: orderId, ...(known.length > 0 && { lots: known }) },
    rule: SHIPMENT_RECEIPT,
    evidence: [{ note: `shipment ${trackingNumber}` }],
    confidence: 0.9,
    signal: SHIPMENT_RECEIPT,
    concludedAt: at,
  };
}

/** A fact never changes its subject: the receipt at a position that is not the main one has a key of its own. */
function keyOf({ id, itemId, stockId, isMain }: DeliveredShipment): string {
  const key = itemId === null ? `delivered:${id}` : `delivered:${id}:${itemId}`;
  return isMain ? key : `${key}@${stockId}`;
}
