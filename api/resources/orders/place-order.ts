import type { PoolClient } from "pg";
import type { z } from "zod";
import type { Principal } from "../../auth/principal.ts";
import { canManage, HANDLING } from "../../auth/roles.ts";
import { invalid, Problem, refusedStatus } from "../../http/problem.ts";
import { assertParties, assertReferences, ownerWithin, type Reference } from "../../http/references.ts";
import { insertRow, updateRow } from "../../http/rows.ts";
import { cancelWhole, closeWhole } from "./cancel.ts";
import { dismissDraft, getOrder, markSent, setOrderLines, settleAnew, type StoredOrder } from "./queries.ts";
import type { newOrder, orderChange } from "./schema.ts";
import { isOutbound, LINES_OPEN, maySet, nextStatuses } from "./status-edges.ts";

const COLUMNS = [
  "customer_id",
  "supplier_id",
  "location_id",
  "ship_from_id",
  "ship_to_id",
  "owner_id",
  "reference",
  "order_date",
];

/** @throws Problem 403 for those who may not, 400 for what does not exist. @returns its id */
export async function placeOrder(
  client: PoolClient,
  principal: Principal,
  body: z.output<typeof newOrder>,
): Promise<number> {
  assertMayChange(principal, body.kind, true);
  const { lines, ...given } = body;
  await assertOthers(client, body);
  const row = { ...given, ...placesOf(body.kind, body), owner_id: ownerOf(principal, body.owner_id) };
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
  assertMaySet(principal, before, body.status);
  assertAllowed(principal, before, body);
  const { lines, ...given } = body;
  await assertOthers(client, body);
  const owner = given.owner_id === undefined ? {} : { owner_id: ownerOf(principal, given.owner_id) };
  assertSamePlaces(before, { ...given, ...owner });
  const row = { ...given, ...placesOf(before.kind, given), ...owner };
  await updateRow(client, "orders", id, row, ["status", ...COLUMNS]);
  await followAnew(client, before, row);
  if (lines) await setOrderLines(client, id, lines);
  if (before.status !== "sent" && row.status === "sent") await markSent(client, id);
  if (before.status === "draft" && row.status === "cancelled") await dismissDraft(client, id);
  if (before.status !== row.status && row.status === "cancelled") await cancelWhole(client, principal, before);
  if (before.status !== row.status && row.status === "closed") await closeWhole(client, principal, before);
}

/** Where its goods go, and whose they are, decides which stock position takes them in: its receipts are worked out anew. */
async function followAnew(client: PoolClient, before: StoredOrder, row: z.output<typeof orderChange>): Promise<void> {
  const isOther = (name: "location_id" | "ship_to_id" | "owner_id") =>
    row[name] !== undefined && row[name] !== before[name];
  const hasMoved = isOther("location_id") || isOther("ship_to_id");
  if (hasMoved || isOther("owner_id")) await settleAnew(client, before.id, hasMoved);
}

type Places = Pick<z.output<typeof orderChange>, "location_id" | "ship_from_id" | "ship_to_id">;

/** `location_id` is another name of the place where the order is worked on first. @throws Problem 400 when the two differ */
function placesOf(kind: StoredOrder["kind"], body: Places): Places {
  const name = isOutbound(kind) ? "ship_from_id" : "ship_to_id";
  const [place, other] = [body[name], body.location_id];
  if (place !== undefined && other !== undefined && place !== other) {
    throw invalid(
      `/${name}`,
      `${name} and location_id are the same place of a ${kind} order, and differ: give one of them`,
    );
  }
  const known = place === undefined ? other : place;
  const places = known === undefined ? body : { ...body, [name]: known, location_id: known };
  if (places.ship_to_id && places.ship_to_id === places.ship_from_id) {
    throw invalid("/ship_to_id", "the goods have to go to another place");
  }
  return places;
}

/** Where goods come from, and whose they are, stays as it is once some are held or have moved. @throws Problem 409 */
function assertSamePlaces(before: StoredOrder, change: z.output<typeof orderChange>): void {
  const hasCome = before.kind === "restock" && before.lines.some(({ received }) => received > 0);
  if (hasCome && change.owner_id !== undefined && change.owner_id !== before.owner_id) {
    throw new Problem(409, "owner_id cannot change: goods of this order have become stock of their owner");
  }
  if (!before.lines.some(({ reserved, picked }) => reserved + picked > 0)) return;
  const { ship_from_id, ship_to_id, owner_id } = { ...change, ...placesOf(before.kind, change) };
  for (const [name, value] of Object.entries({ ship_from_id, ship_to_id, owner_id })) {
    if (value !== undefined && value !== before[name as "owner_id"]) {
      throw new Problem(409, `${name} cannot change: goods are held or picked for this order`);
    }
  }
}

/** Who is limited to one owner need not name it. @throws Problem 400 for an owner outside of the principal's limits */
const ownerOf = ({ limits }: Principal, ownerId: number | null | undefined): number | null | undefined =>
  ownerId === undefined || ownerId === null
    ? limits.ownerIds?.length === 1
      ? limits.ownerIds[0]
      : ownerId
    : ownerWithin(limits, ownerId);

export const isPlacedBy = (
  { kind, id }: Principal,
  { created_by: userId, created_by_client: clientId }: StoredOrder,
): boolean => id === (kind === "user" ? userId : clientId);

/** Restock orders are for managers, transfers for those who handle goods; sales change the orders that they placed. @throws Problem 403 */
export function assertMayChange({ role }: Principal, kind: string, isOwn: boolean): void {
  if (canManage(role)) return;
  if (kind === "restock") throw new Problem(403, "only a manager may place or change restock orders");
  if (HANDLING.includes(role)) return;
  if (kind === "transfer") throw new Problem(403, "only those who handle goods may place or change transfers");
  if (!isOwn) throw new Problem(403, "this order was placed by another");
}

/** Who tells the same status again moves no goods. @throws Problem 403 */
function assertMaySet({ role }: Principal, before: StoredOrder, status: StoredOrder["status"] | undefined): void {
  if (status === undefined || status === before.status || maySet(role, status)) return;
  throw new Problem(403, `only those who handle goods may set an order to ${status}`);
}

/** @throws Problem 400 for items, places and parties that do not exist, or parties that have not this role */
async function assertOthers(client: PoolClient, body: z.output<typeof orderChange>): Promise<void> {
  await assertReferences(client, "items", itemsOf(body.lines ?? []));
  await assertReferences(client, "locations", [{ pointer: "/location_id", id: body.location_id }]);
  await assertReferences(client, "locations", [
    { pointer: "/ship_from_id", id: body.ship_from_id },
    { pointer: "/ship_to_id", id: body.ship_to_id },
  ]);
  await assertParties(client, "owner", [{ pointer: "/owner_id", id: body.owner_id }]);
  await assertParties(client, "customer", [{ pointer: "/customer_id", id: body.customer_id }]);
  await assertParties(client, "supplier", [{ pointer: "/supplier_id", id: body.supplier_id }]);
}

const itemsOf = (lines: readonly { item_id: number }[]): Reference[] =>
  lines.map(({ item_id: id }, at) => ({ pointer: `/lines/${at}/item_id`, id }));

/** @throws Problem 409 naming the statuses that are allowed, or when work on the order has begun and its lines change */
function assertAllowed(
  { role }: Principal,
  { kind, status, lines }: StoredOrder,
  change: z.output<typeof orderChange>,
): void {
  const allowed = nextStatuses(kind, status);
  if (change.status !== undefined && change.status !== status && !allowed.includes(change.status)) {
    const offered = allowed.filter((next) => maySet(role, next));
    throw refusedStatus("/status", `a ${kind} order that is ${status} cannot become ${change.status}`, offered);
  }
  const isUnderWay = kind === "transfer" && lines.some((line) => line.received + line.missing < line.shipped);
  if (isUnderWay && (change.status === "received" || change.status === "closed")) {
    throw refusedStatus("/status", "goods are under way: receive them, or say that they are missing", []);
  }
  if (change.lines !== undefined && !LINES_OPEN.has(status)) {
    throw new Problem(409, `the lines of an order that is ${status} cannot change any more`);
  }
}
