import type { PoolClient } from "pg";
import { Problem } from "../../../http/problem.ts";
import { lockRow } from "../../../http/rows.ts";
import { validate } from "../../../http/validate.ts";
import { cancelOrder } from "../../../resources/orders/cancel.ts";
import { deleteReservations } from "../../../resources/orders/goods-queries.ts";
import { changeOrder, placeOrder } from "../../../resources/orders/place-order.ts";
import { getOrder, type StoredOrder } from "../../../resources/orders/queries.ts";
import { reserveOrder } from "../../../resources/orders/reserve.ts";
import { newOrder, orderChange } from "../../../resources/orders/schema.ts";
import { isOutbound, LINES_OPEN } from "../../../resources/orders/status-edges.ts";
import type { ErpOrder, PullKind } from "../adapter.ts";
import type { Connection } from "../connections.ts";
import { type ErpDocument, localIdsOf } from "../documents.ts";
import type { LinkedLine, OrderContent } from "../order-content.ts";
import { Clash } from "./clash.ts";
import { applyOwnOrder } from "./own-orders.ts";
import type { Applied } from "./master-data.ts";
import { factorOf, piecesOf } from "./units.ts";

/**
 * The ERP is master of what is ordered; the platform of what has become of it. An order there that binds becomes one here, approved,
 * with its goods held; of a purchase, sent. It is followed until work on it has begun: what changes there afterwards is a conflict.
 */
export async function applyOrder(
  client: PoolClient,
  connection: Connection,
  record: ErpOrder,
  known: ErpDocument | undefined,
): Promise<Applied> {
  const own = await applyOwnOrder(client, connection, record, known);
  if (own !== undefined) return own;
  const isKnown = known !== undefined && known.localId !== null;
  if (!isKnown && (record.state !== "open" || record.lines.length === 0)) {
    return { localId: null, content: { state: record.state, lines: [] }, clashes: [] };
  }
  if (!isKnown) return add(client, connection, record);
  const content = known.content as unknown as OrderContent;
  await lockRow(client, "orders", known.localId!);
  const order = await getOrder(client, known.localId!);
  // A person has said that this change of it is not followed.
  if (content["left"] === signatureOf(record)) return { localId: order.id, content, clashes: [] };
  if (record.state === "cancelled" || record.state === "closed") {
    if (content.state !== record.state) await end(client, connection, record, order);
    return { localId: order.id, content: { ...content, state: record.state }, clashes: [] };
  }
  // A draft that was open before is being amended.
  if (record.state === "draft") return { localId: order.id, content, clashes: [] };
  const lines = await linesOf(client, connection, record);
  const reopened = content.state === "cancelled" || content.state === "closed";
  if (!reopened && isSame(lines, content.lines)) {
    return { localId: order.id, content: { ...content, lines, state: record.state }, clashes: [] };
  }
  if (!LINES_OPEN.has(order.status) || order.lines.some(({ picked, received }) => picked + received > 0)) {
    throw new Clash(
      "changed_after_shipping",
      `${record.number} was changed there, but here it is ${order.status}: work on it has begun`,
      {
        ours: {
          order_id: order.id,
          status: order.status,
          lines: order.lines.map(({ item_id, quantity }) => ({ item_id, quantity })),
        },
      },
    );
  }
  await deleteReservations(client, order.id);
  const change = validate(
    orderChange,
    { lines: lines.map(({ item, pieces }) => ({ item_id: item, quantity: pieces })) },
    "body",
  );
  await changeOrder(client, connection.principal, order.id, change);
  await hold(client, await getOrder(client, order.id));
  return { localId: order.id, content: { ...content, state: record.state, lines }, clashes: [] };
}

/** What of an order there is followed here. Postgres keeps no order of fields, so they are named. */
export const signatureOf = ({ state, lines }: Pick<ErpOrder, "state" | "lines">): string =>
  JSON.stringify([state, lines.map(({ id, itemId, quantity, unit }) => [id, itemId, quantity, unit])]);

async function add(client: PoolClient, connection: Connection, record: ErpOrder): Promise<Applied> {
  const { principal, options, id } = connection;
  const lines = await linesOf(client, connection, record);
  const place = options.warehouses.find(({ external_id }) => external_id === record.warehouseId)?.location_id;
  if (place === undefined) {
    const there = record.warehouseId ?? "none";
    throw new Clash(
      "unmapped_warehouse",
      `${record.number} is for the warehouse ${there}, which is no location here: map it in the options`,
      {
        subject: record.warehouseId ?? "",
      },
    );
  }
  const kind: PullKind = record.kind === "sale" ? "customer" : "supplier";
  const partner = await partnerOf(client, id, kind, record);
  const ship = options.customers.find(({ external_id }) => external_id === record.partnerId)?.location_id;
  const given = {
    lines: lines.map(({ item, pieces }) => ({ item_id: item, quantity: pieces })),
    reference: record.number.slice(0, 255),
    ...(record.date !== null && { order_date: record.date }),
    ...(record.kind === "sale"
      ? { kind: "customer", customer_id: partner, ship_from_id: place, ...(ship !== undefined && { ship_to_id: ship }) }
      : { kind: "restock", supplier_id: partner, ship_to_id: place }),
  };
  const orderId = await placeOrder(client, principal, validate(newOrder, given, "body"));
  await changeOrder(client, principal, orderId, { status: "approved" });
  if (record.kind === "purchase") await changeOrder(client, principal, orderId, { status: "sent" });
  await hold(client, await getOrder(client, orderId));
  const { state, partnerId, warehouseId } = record;
  return { localId: orderId, content: { state, partnerId, warehouseId, lines }, clashes: [] };
}

async function partnerOf(
  client: PoolClient,
  connectionId: number,
  kind: "customer" | "supplier",
  { partnerId, number }: ErpOrder,
): Promise<number | null> {
  if (partnerId === null) return null;
  const known = (await localIdsOf(client, connectionId, kind, [partnerId])).get(partnerId);
  if (known === undefined) {
    throw new Clash("unknown_reference", `${number} names the ${kind} ${partnerId}, who is not known here yet`, {
      subject: `${kind} ${partnerId}`,
    });
  }
  return known;
}

/** @throws Clash for items, units and quantities that are not known here */
async function linesOf(client: PoolClient, { id, options }: Connection, record: ErpOrder): Promise<LinkedLine[]> {
  const known = await localIdsOf(
    client,
    id,
    "item",
    record.lines.map(({ itemId }) => itemId),
  );
  const { rows: items } = await client.query<{ id: number; sku: string; base_unit: string; packs: unknown[] }>(
    "SELECT id, sku, base_unit, packs FROM items WHERE id = ANY ($1::int[])",
    [[...known.values()]],
  );
  return record.lines.map((each, at) => {
    const item = items.find((one) => one.id === known.get(each.itemId));
    if (item === undefined) {
      throw new Clash(
        "unknown_reference",
        `order ${record.number} names item ${each.itemId}, which is not known here`,
        {
          subject: `item ${each.itemId}`,
        },
      );
    }
    const factor = factorOf(options, item, each.unit);
    const pieces = piecesOf(each.quantity, factor, item.sku);
    return { line: at + 1, lineId: each.id, itemId: each.itemId, item: item.id, pieces, factor };
  });
}

const isSame = (lines: readonly LinkedLine[], before: readonly LinkedLine[]): boolean =>
  lines.length === before.length &&
  lines.every(({ item, pieces }, at) => item === before[at]!.item && pieces === before[at]!.pieces);

/** Holds what is available for an order; the rest when it is there. */
export async function hold(client: PoolClient, order: StoredOrder): Promise<void> {
  if (!isOutbound(order.kind)) return;
  try {
    await reserveOrder(client, order, {});
  } catch (error) {
    if (!(error instanceof Problem && error.status === 409)) throw error;
  }
}

/** Cancels here what the ERP has cancelled or closed. */
async function end(client: PoolClient, { principal }: Connection, record: ErpOrder, order: StoredOrder): Promise<void> {
  if (order.status === "cancelled" || order.status === "closed") return;
  const moved = order.lines.some(({ shipped, received }) => shipped + received > 0);
  if (record.state === "cancelled" && moved) {
    throw new Clash(
      "changed_after_shipping",
      `${record.number} was cancelled there, but goods of it have moved: here it is ${order.status}`,
      {
        ours: { order_id: order.id, status: order.status },
      },
    );
  }
  try {
    await cancelOrder(client, principal, order);
  } catch (error) {
    // Nothing of it is left.
    if (!(error instanceof Problem && error.status === 409 && record.state === "closed")) throw error;
  }
}
