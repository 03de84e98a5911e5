import type { PoolClient } from "pg";
import type { z } from "zod";
import type { Principal } from "../../auth/principal.ts";
import { invalid, Problem } from "../../http/problem.ts";
import { updateRow } from "../../http/rows.ts";
import { packUnit } from "../handling-units/pack-unit.ts";
import { createShipment } from "../shipments/create-shipment.ts";
import { markSent, type StoredOrder } from "./queries.ts";
import { assertOutbound } from "./reserve.ts";
import type { shipping } from "./schema.ts";
import { shipLots } from "./shipped-lots.ts";
import { assignUnits, originOf, packedUnits, shipLines } from "./unit-queries.ts";

/**
 * Ships packed units of an order: they become one shipment, with what they hold. The row of the order is locked.
 * @throws Problem 409 when nothing is packed
 */
export async function shipOrder(
  client: PoolClient,
  principal: Principal,
  order: StoredOrder,
  { units: asked, destination_id, due_at, at }: z.output<typeof shipping>,
  companyPrefix: string | undefined,
): Promise<void> {
  assertOutbound(order, "ship");
  const packed = await packedUnits(client, order.id);
  for (const [index, unitId] of (asked ?? []).entries()) {
    if (!packed.some(({ id }) => id === unitId)) throw invalid(`/units/${index}`, "this order has no such packed unit");
  }
  const units = asked === undefined ? packed : packed.filter(({ id }) => asked.includes(id));
  if (units.length === 0) throw new Problem(409, "nothing of this order is packed and not shipped");
  const contents = units.flatMap((unit) => unit.contents);
  const quantities = new Map<number, number>();
  for (const { item_id, quantity } of contents) quantities.set(item_id, quantity + (quantities.get(item_id) ?? 0));
  const place = order.ship_from_id ?? (await originOf(client, order.id));
  const shipmentId = await createShipment(
    client,
    principal,
    {
      lines: Array.from(quantities, ([item_id, quantity]) => ({ item_id, quantity })),
      location: place,
      order_id: order.id,
      destination_id: destination_id ?? order.ship_to_id,
      reference: order.reference,
      owner_id: order.owner_id ?? undefined,
      due_at,
      at,
    },
    companyPrefix,
  );
  for (const { sscc, contents } of units) {
    if (sscc === null) continue;
    const of = contents.map(({ item_id, quantity }) => ({ item_id, quantity }));
    await packUnit(client, principal, shipmentId, { sscc, contents: of }, companyPrefix);
  }
  await assignUnits(
    client,
    units.map(({ id }) => id),
    shipmentId,
  );
  await shipLines(client, order.id, contents);
  await shipLots(client, { orderId: order.id, shipmentId, contents });
  await markSent(client, order.id, at);
  const isFirst = order.status !== "shipped" && order.status !== "partial";
  await updateRow(client, "orders", order.id, { status: isFirst ? "shipped" : order.status }, ["status"]);
}
