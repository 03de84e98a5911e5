import type { PoolClient } from "pg";
import type { z } from "zod";
import { closeFinishedLists } from "../../../ingest/decisions/record-facts.ts";
import { parseScannedCode } from "../../../ingest/domain/gs1/scanned-code.ts";
import { beyondLimits } from "../../auth/limits.ts";
import type { Principal } from "../../auth/principal.ts";
import { invalid, Problem } from "../../http/problem.ts";
import { findLotByNumber } from "../lots/queries.ts";
import { type LineGoods, useReservation } from "../orders/goods-queries.ts";
import { takeGoods } from "../orders/pick.ts";
import { lockOrders } from "../orders/queries.ts";
import { askForCount, getStoredPickList, shortTasks } from "./queries.ts";
import { isCodeOfItem, isCodeOfLocation } from "./resolve-code.ts";
import type { StoredPickList } from "./lots-to-take.ts";
import type { confirmedPick } from "./schema.ts";

type Task = StoredPickList["tasks"][number];

/**
 * Records what was taken at one stop of a pick list: goods of one stock position, for one or several orders. The list is locked, and
 * its orders.
 * @throws Problem 409 when the wrong place or product was scanned, or the list asks for less
 */
export async function confirmPick(
  client: PoolClient,
  principal: Principal,
  listId: number,
  { inventory_item_id: stockId, quantity, place, code, short }: z.output<typeof confirmedPick>,
): Promise<void> {
  const { status, tasks } = await getStoredPickList(client, listId);
  if (status !== "open") throw new Problem(409, `this pick list is ${status}`);
  const stop = tasks.filter((task) => task.inventory_item_id === stockId);
  const [first] = stop;
  if (first === undefined) throw invalid("/inventory_item_id", "this pick list asks for nothing there");
  const { location_id: locationId, location, item_id: itemId, name } = first;
  if (place !== undefined && !(await isCodeOfLocation(client, place, locationId))) {
    throw refusedScan("/place", `"${place}" is not the label of ${location}: take it from there`);
  }
  if (code !== undefined && !(await isCodeOfItem(client, code, itemId))) {
    throw refusedScan("/code", `"${code}" is not ${name}: put it back`);
  }
  const lot = code === undefined ? undefined : parseScannedCode(code).lot;
  if (lot !== undefined) await assertPickableLot(client, itemId, lot);
  const rest = stop.reduce((sum, task) => sum + remaining(task), 0);
  if (quantity > rest) throw new Problem(409, `only ${rest} more are to be taken there`);
  if (quantity === 0 && short === undefined) throw invalid("/quantity", "say what was taken, or why nothing was");
  const { taken, left } = share(stop, quantity);
  if (taken.length > 0) {
    const ids = [...new Set(taken.map(({ orderId }) => orderId))];
    // The stop may be seen; its orders may belong to others.
    const orders = await beyondLimits(client, () => lockOrders(client, ids));
    await takeGoods(client, principal, orders, taken, { listId, lot });
  }
  if (short !== undefined) await beyondLimits(client, () => endShort(client, listId, stockId, left, short));
}

/** @throws Problem 409 for a lot that nobody may pick */
async function assertPickableLot(client: PoolClient, itemId: number, lot: string): Promise<void> {
  const found = await findLotByNumber(client, itemId, lot);
  if (found?.on_hold) throw refusedScan("/code", `lot ${lot} is on hold: leave it there`);
  if (found?.is_expired) throw refusedScan("/code", `lot ${lot} expired on ${found.expires_on}: leave it there`);
}

const remaining = ({ quantity, picked, short }: Task): number => quantity - picked - short;

const refusedScan = (pointer: string, message: string): Problem =>
  new Problem(409, message, { errors: [{ pointer, message }] });

/** Gives what was taken to the tasks of a stop, one after the other. */
function share(stop: readonly Task[], quantity: number): { taken: LineGoods[]; left: LineGoods[] } {
  let rest = quantity;
  const taken: LineGoods[] = [];
  const left: LineGoods[] = [];
  for (const task of stop) {
    const { order_id: orderId, line, inventory_item_id: stockId } = task;
    const given = Math.min(rest, remaining(task));
    rest -= given;
    if (given > 0) taken.push({ orderId, line, stockId, quantity: given });
    if (given < remaining(task)) left.push({ orderId, line, stockId, quantity: remaining(task) - given });
  }
  return { taken, left };
}

/** What was not there is free, and open again for its orders. Somebody has to count what is there. */
async function endShort(
  client: PoolClient,
  listId: number,
  stockId: number,
  left: readonly LineGoods[],
  reason: string,
): Promise<void> {
  if (left.length === 0) return;
  for (const each of left) {
    if (!(await useReservation(client, each))) throw new Problem(409, "what is held there has changed: try again");
  }
  await shortTasks(client, listId, stockId, reason);
  await closeFinishedLists(client, [listId]);
  await askForCount(client, stockId);
}
