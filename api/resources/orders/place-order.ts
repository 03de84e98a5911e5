import type { PoolClient } from "pg";
import type { z } from "zod";
import type { Principal } from "../../auth/principal.ts";
import { canManage } from "../../auth/roles.ts";
import { Problem, refusedStatus } from "../../http/problem.ts";
import { assertParties, assertReferences, type Reference } from "../../http/references.ts";
import { insertRow, updateRow } from "../../http/rows.ts";
import { dismissDraft, getOrder, markSent, setOrderLines, type StoredOrder } from "./queries.ts";
import type { newOrder, orderChange } from "./schema.ts";
import { LINES_OPEN, nextStatuses } from "./status-edges.ts";

const COLUMNS = ["customer_id", "supplier_id", "location_id", "reference", "order_date"];

/** @throws Problem 403 for those who may not, 400 for what does not exist. @returns its id */
export async function placeOrder(
  client: PoolClient,
  principal: Principal,
  body: z.output<typeof newOrder>,
): Promise<number> {
  assertMayChange(principal, body.kind, true);
  const { lines, ...row } = body;
  await assertOthers(client, body);
  const creator = principal.kind === "user" ? "created_by" : "created_by_client";
  const id = await insertRow(client, "orders", { ...row, [creator]: principal.id }, ["kind", creator, ...COLUMNS]);
  await setOrderLines(client, id, lines);
  return id;
}

/** Its row is locked already. @throws Problem 403, 409 for a status that may not follow, 400 for what does not exist */
export async function changeOrder(
  client: PoolClient,
  principal: Principal,
  id: number,
  body: z.output<typeof orderChange>,
): Promise<void> {
  const before = await getOrder(client, id);
  assertMayChange(principal, before.kind, isPlacedBy(principal, before));
  assertAllowed(before, body);
  const { lines, ...row } = body;
  await assertOthers(client, body);
  await updateRow(client, "orders", id, row, ["status", ...COLUMNS]);
  if (lines) await setOrderLines(client, id, lines);
  if (before.status !== "sent" && row.status === "sent") await markSent(client, id);
  if (before.status === "draft" && row.status === "cancelled") await dismissDraft(client, id);
}

const isPlacedBy = (
  { kind, id }: Principal,
  { created_by: userId, created_by_client: clientId }: StoredOrder,
): boolean => id === (kind === "user" ? userId : clientId);

/** Restock orders are for managers; another order may be changed by the user or API client that placed it. @throws Problem 403 */
function assertMayChange({ role }: Principal, kind: string, isOwn: boolean): void {
  if (canManage(role)) return;
  if (kind === "restock") throw new Problem(403, "only a manager may place or change restock orders");
  if (!isOwn) throw new Problem(403, "this order was placed by another");
}

/** @throws Problem 400 for items, places and parties that do not exist, or parties that have not this role */
async function assertOthers(client: PoolClient, body: z.output<typeof orderChange>): Promise<void> {
  await assertReferences(client, "items", itemsOf(body.lines ?? []));
  await assertReferences(client, "locations", [{ pointer: "/location_id", id: body.location_id }]);
  await assertParties(client, "customer", [{ pointer: "/customer_id", id: body.customer_id }]);
  await assertParties(client, "supplier", [{ pointer: "/supplier_id", id: body.supplier_id }]);
}

const itemsOf = (lines: readonly { item_id: number }[]): Reference[] =>
  lines.map(({ item_id: id }, at) => ({ pointer: `/lines/${at}/item_id`, id }));

/** @throws Problem 409 naming the statuses that are allowed, or when work on the order has begun and its lines change */
function assertAllowed({ kind, status }: StoredOrder, change: z.output<typeof orderChange>): void {
  const allowed = nextStatuses(kind, status);
  if (change.status !== undefined && change.status !== status && !allowed.includes(change.status)) {
    throw refusedStatus("/status", `a ${kind} order that is ${status} cannot become ${change.status}`, allowed);
  }
  if (change.lines !== undefined && !LINES_OPEN.has(status)) {
    throw new Problem(409, `the lines of an order that is ${status} cannot change any more`);
  }
}
