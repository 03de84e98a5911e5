import type { PoolClient } from "pg";
import type { z } from "zod";
import { invalid, Problem, refusedStatus } from "../../http/problem.ts";
import { addReservations, type LineGoods, lockCandidates } from "./goods-queries.ts";
import { touchOrder, type StoredOrder } from "./queries.ts";
import type { reserving } from "./schema.ts";
import { isOutbound, nextStatuses } from "./status-edges.ts";

type Order = Pick<StoredOrder, "id" | "kind" | "status" | "ship_from_id" | "owner_id" | "lines">;

/** How much of a line is asked for. */
export interface LineQuantity {
  line: number;
  quantity: number;
}

const ENDED: ReadonlySet<string> = new Set(["closed", "cancelled", "received"]);

/**
 * Holds goods for the open quantities of an order, as far as they are available: good ones, of its owner, at the place that it
 * ships from and below. What lies there longest is held first. The row of the order is locked.
 * @throws Problem 409 when nothing is available, or `all` and something is not; or for an order whose goods do not leave
 */
export async function reserveOrder(
  client: PoolClient,
  order: Order,
  { lines, expires_at: expiresAt, all = false }: z.output<typeof reserving>,
): Promise<void> {
  assertOutbound(order, "reserve");
  if (expiresAt && expiresAt.getTime() <= Date.now()) throw invalid("/expires_at", "this time is over");
  const wanted = lines ?? order.lines.map(({ line, open }) => ({ line, quantity: open }));
  for (const [at, { line, quantity }] of (lines ?? []).entries()) {
    const { open } = lineOf(order, line, `/lines/${at}/line`);
    if (quantity > open) throw new Problem(409, `only ${open} of line ${line} are open`);
  }
  if (wanted.every(({ quantity }) => quantity === 0)) return;
  const goods = await findGoods(client, order, wanted);
  const found = goods.reduce((sum, { quantity }) => sum + quantity, 0);
  const asked = wanted.reduce((sum, { quantity }) => sum + quantity, 0);
  if (found === 0 || (all && found < asked)) {
    throw new Problem(409, `${found === 0 ? "nothing" : `only ${found} of ${asked}`} of this order is available`);
  }
  await addReservations(client, goods, expiresAt ?? null);
  await touchOrder(client, order.id);
}

/** What is available for these lines. The positions are locked until the end of the transaction. */
export async function findGoods(
  client: PoolClient,
  order: Order,
  wanted: readonly LineQuantity[],
): Promise<LineGoods[]> {
  const itemOf = new Map(order.lines.map(({ line, item_id }) => [line, item_id]));
  const items = [...new Set(wanted.flatMap(({ line, quantity }) => (quantity > 0 ? [itemOf.get(line)!] : [])))];
  const candidates = await lockCandidates(client, items, order.ship_from_id, order.owner_id);
  return wanted.flatMap(({ line, quantity }) => {
    let rest = quantity;
    const goods: LineGoods[] = [];
    for (const candidate of candidates) {
      const taken = candidate.itemId === itemOf.get(line) ? Math.min(rest, candidate.available) : 0;
      if (taken === 0) continue;
      candidate.available -= taken;
      rest -= taken;
      goods.push({ orderId: order.id, line, stockId: candidate.id, quantity: taken });
    }
    return goods;
  });
}

/** @throws Problem 409 for an order that is ended, or whose goods do not leave one of our places */
export function assertOutbound({ kind, status }: Pick<Order, "kind" | "status">, verb: string): void {
  if (!isOutbound(kind))
    throw new Problem(409, `goods leave for customer orders and transfers; this is a ${kind} order`);
  if (ENDED.has(status)) {
    throw refusedStatus(
      "/status",
      `nothing can be ${PAST[verb] ?? verb} for an order that is ${status}`,
      nextStatuses(kind, status),
    );
  }
}

const PAST: Readonly<Record<string, string>> = { reserve: "reserved", pick: "picked", pack: "packed", ship: "shipped" };

/** @throws Problem 400 where there is no such line */
export function lineOf(order: Pick<StoredOrder, "lines">, line: number, pointer: string): StoredOrder["lines"][number] {
  const found = order.lines.find((each) => each.line === line);
  if (!found) throw invalid(pointer, "this order has no such line");
  return found;
}
