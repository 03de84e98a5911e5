import type { PoolClient } from "pg";
import { isScannedReceipt, SHIPMENT_RECEIPT } from "../../../ingest/domain/stock/arrivals.ts";
import { SERIAL_MOVES } from "../../../ingest/domain/stock/serial-moves.ts";
import { beyondLimits } from "../../auth/limits.ts";
import type { Principal } from "../../auth/principal.ts";
import { Problem } from "../../http/problem.ts";
import { getMovement, movementIdsOf } from "./queries.ts";
import { adjusted, recordFitting } from "./record-movement.ts";

/**
 * Takes a movement back, with its other side if goods were moved. The reversal holds at the time of the movement: what was
 * counted after it stays as it was counted.
 * @returns the id of the reversal
 * @throws Problem 409 for what cannot be taken back
 */
export async function reverseMovement(
  client: PoolClient,
  principal: Principal,
  id: number,
  reason: string,
): Promise<number> {
  const seen = await getMovement(client, id);
  const ids = [id, ...(seen.transfer_id === null ? [] : [seen.transfer_id])].toSorted((a, b) => a - b);
  // Two reversals at once must not both find the movement standing.
  await client.query("SELECT pg_advisory_xact_lock(hashtext('waystock reversals'), $1)", [ids[0]! % 2_147_483_647]);
  const movements = await beyondLimits(client, () => readAll(client, ids));
  const facts = movements.map((movement) => {
    if (movement.kind === "opening") throw new Problem(409, "an opening level cannot be reversed: count the position");
    if (movement.kind === "reversal")
      throw new Problem(409, "a reversal cannot be reversed: record the movement again");
    if (movement.source === "scale" || movement.source === "rfid") {
      const by = movement.source === "scale" ? "a scale" : "RFID";
      throw new Problem(409, `this was recorded by ${by} and cannot be reversed: count the position by hand`);
    }
    if (movement.rule === SHIPMENT_RECEIPT)
      throw new Problem(
        409,
        "this follows from the delivery of a shipment: correct the shipment, or count the position",
      );
    if (movement.orderId !== null)
      throw new Problem(409, `this belongs to order ${movement.orderId}: cancel it there, or receive the goods back`);
    if (movement.rule === SERIAL_MOVES)
      throw new Problem(409, "this is the scan of one piece: scan the piece in again, or out");
    if (movement.reversed_by !== null)
      throw new Problem(409, `it was reversed already, by movement ${movement.reversed_by}`);
    const order = movement.order === null ? {} : { order: movement.order };
    const lots = movement.lots.length > 0 && movement.kind !== "count" ? { lots: movement.lots } : {};
    // An order that was received by the scan is not received any more.
    const takesBack = isScannedReceipt(movement.rule ?? "", movement.stated, movement.said)
      ? ({ takesBack: "scan" } as const)
      : {};
    const data = { delta: -movement.said, reason, reverses: movement.id, ...order, ...lots, ...takesBack };
    const said = { principal, at: movement.at.getTime(), evidence: undefined };
    return adjusted(`voided:${movement.id}`, movement.inventory_item_id, data, said);
  });
  await recordFitting(client, facts);
  return (await movementIdsOf(client, [`voided:${id}`]))[0]!;
}

async function readAll(client: PoolClient, ids: readonly number[]) {
  const movements = [];
  for (const id of ids) {
    const movement = await getMovement(client, id);
    const { rows } = await client.query<{
      delta: number | null;
      reason: string | null;
      order: number | null;
      orderId: number | null;
    }>(
      `SELECT (data ->> 'delta')::float8 AS delta, data ->> 'reason' AS reason, (data ->> 'order')::int AS order, (data #>> '{orderLine,orderId}')::int AS "orderId"
      FROM facts WHERE id = $1`,
      [id],
    );
    // What was stated; of a count, what it changed.
    const said = rows[0]?.delta ?? movement.quantity + movement.unfit;
    const { order = null, orderId = null, reason: stated = null } = rows[0] ?? {};
    movements.push({ ...movement, said, stated, order, orderId });
  }
  return movements;
}
