import type { PoolClient } from "pg";
import type { Principal } from "../../auth/principal.ts";
import { refusedStatus } from "../../http/problem.ts";
import { settleOrders } from "../../http/record-facts.ts";
import { updateRow } from "../../http/rows.ts";
import { freeOrder } from "./free-goods.ts";
import { cancelLines, dismissDraft, getOrder, type StoredOrder } from "./queries.ts";
import { isOutbound, maySet, nextStatuses } from "./status-edges.ts";

/**
 * Cancels an order whose goods have not moved, or the rest of one whose goods have: what is held for it is free again, and what
 * was picked and not shipped goes back to its places. Its row is locked. A transfer stays open until what was shipped has arrived.
 * @throws Problem 409 when nothing is left to cancel
 */
export async function cancelOrder(client: PoolClient, principal: Principal, order: StoredOrder): Promise<void> {
  const { id, kind, status, lines } = order;
  const moved = (line: StoredOrder["lines"][number]) => (isOutbound(kind) ? line.shipped : line.received);
  const allowed = nextStatuses(kind, status);
  if (allowed.includes("cancelled") && lines.every((line) => moved(line) === 0)) {
    await updateRow(client, "orders", id, { status: "cancelled" }, ["status"]);
    if (status === "draft") await dismissDraft(client, id);
    return cancelWhole(client, principal, order);
  }
  const hasRest = lines.some((line) => moved(line) + line.cancelled < line.quantity);
  if (allowed.length === 0 || status === "received" || !hasRest) {
    const offered = allowed.filter((next) => maySet(principal.role, next));
    throw refusedStatus("/status", `nothing of a ${kind} order that is ${status} is left to cancel`, offered);
  }
  await freeOrder(client, principal, order);
  await cancelLines(client, id, kind);
  if (kind === "restock") await settleOrders(client, [id]);
  const isOver = kind !== "transfer" || isAllThere(await getOrder(client, id));
  await updateRow(client, "orders", id, { status: isOver ? "closed" : status }, ["status"]);
}

/** What was shipped has arrived, or was said to be missing. */
const isAllThere = ({ lines }: StoredOrder): boolean =>
  lines.every(({ shipped, received, missing }) => received + missing >= shipped);

/** What follows for one that a person has closed: of what was shipped in part, the rest is cancelled. */
export async function closeWhole(client: PoolClient, principal: Principal, order: StoredOrder): Promise<void> {
  await freeOrder(client, principal, order);
  if (order.lines.some(({ shipped }) => shipped > 0)) await cancelLines(client, order.id, order.kind);
}

/** What follows for the goods and lines of an order that was cancelled as a whole. */
export async function cancelWhole(client: PoolClient, principal: Principal, order: StoredOrder): Promise<void> {
  await freeOrder(client, principal, order);
  await cancelLines(client, order.id, order.kind);
}
