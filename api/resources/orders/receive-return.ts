import type { PoolClient } from "pg";
import type { z } from "zod";
import type { NewFact } from "../../../ingest/domain/fact.ts";
import { statedLots } from "../../../ingest/domain/stock/serial-moves.ts";
import { leaveLimits } from "../../auth/limits.ts";
import type { Principal } from "../../auth/principal.ts";
import { invalid, Problem, refusedStatus } from "../../http/problem.ts";
import { updateRow } from "../../http/rows.ts";
import { addPosition, recordFitting } from "../movements/record-movement.ts";
import { lineFact } from "./line-facts.ts";
import { cancelLines, countUnfit, findStockFor, getOrder, type StoredOrder } from "./queries.ts";
import type { receipt } from "./schema.ts";
import { nextStatuses } from "./status-edges.ts";

type Line = StoredOrder["lines"][number];
type ReceivedLine = z.output<typeof receipt>["lines"][number];

/**
 * Takes in goods of a return: good and damaged ones become stock, scrap does not. More than was expected is taken in too, because it
 * is there. The row of the order is locked.
 * @throws Problem 409 when the order does not wait for goods
 */
export async function receiveReturn(
  client: PoolClient,
  principal: Principal,
  order: StoredOrder,
  { lines, short = false, evidence }: z.output<typeof receipt>,
  at: number,
): Promise<void> {
  const { id, kind, status, ship_to_id: placeId, owner_id } = order;
  if (status !== "approved" && status !== "partial") {
    const message = `a return order that is ${status} does not wait for goods: it has to be approved or partial`;
    throw refusedStatus("/status", message, nextStatuses(kind, status));
  }
  if (placeId === null) throw new Problem(409, "this order names no ship_to_id: set it first");
  const facts: NewFact[] = [];
  const received = new Map(order.lines.map(({ line, received }) => [line, received]));
  const parts = lines.flatMap((each, index) => spread(order, received, each, `/lines/${index}`));
  await leaveLimits(client);
  for (const { line, item_id, quantity, condition, lot, expires_on: expiry } of parts) {
    if (condition !== "good") await countUnfit(client, id, line, condition, quantity);
    await client.query("UPDATE order_lines SET received = received + $3 WHERE order_id = $1 AND line = $2", [
      id,
      line,
      quantity,
    ]);
    if (condition === "scrap") continue;
    const place = { item_id, location_id: placeId, owner_id, condition };
    const stockId =
      (await findStockFor(client, item_id, placeId, condition, owner_id)) ?? (await addPosition(client, place));
    const move = { order, line, stockId, delta: quantity, reason: "received", at, note: evidence };
    facts.push(lineFact(principal, { ...move, ...statedLots(lot, quantity, expiry) }));
  }
  if (facts.length > 0) await recordFitting(client, facts);
  if (short) await cancelLines(client, id, kind);
  await updateRow(client, "orders", id, { status: statusOf(await getOrder(client, id)) }, ["status"]);
}

/** What was said of an item fills its lines one after the other; what is beyond them belongs to the last. */
function spread(
  order: StoredOrder,
  received: Map<number, number>,
  { line, item_id, quantity, ...of }: ReceivedLine,
  pointer: string,
): (ReceivedLine & { line: number; item_id: number })[] {
  const meant = order.lines.filter((each) =>
    line === undefined ? each.item_id === item_id : each.line === line && (item_id ?? each.item_id) === each.item_id,
  );
  if (meant.length === 0) {
    throw invalid(`${pointer}/${line === undefined ? "item_id" : "line"}`, "this order has no line of this item");
  }
  let rest = quantity;
  return meant.flatMap((each, at) => {
    const room = Math.max(0, expectedOf(each) - received.get(each.line)!);
    const part = at === meant.length - 1 ? rest : Math.min(rest, room);
    rest -= part;
    received.set(each.line, received.get(each.line)! + part);
    return part === 0 ? [] : [{ ...of, line: each.line, item_id: each.item_id, quantity: part }];
  });
}

const expectedOf = ({ quantity, cancelled }: Line): number => quantity - cancelled;

const statusOf = ({ lines }: StoredOrder): StoredOrder["status"] =>
  lines.every((line) => line.received >= expectedOf(line)) ? "received" : "partial";
