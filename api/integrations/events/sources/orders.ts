import type { PoolClient } from "pg";
import { findOrders } from "../../../resources/orders/queries.ts";
import type { OutboundEvent } from "../event.ts";
import type { OutboxRow } from "./source.ts";

/**
 * Orders, as `GET /orders/{id}` shows them when they are told, with the status that they were given. Each status is told, also where an
 * order has had several since.
 */
export async function orderEvents(client: PoolClient, rows: readonly OutboxRow[]): Promise<Map<number, OutboundEvent>> {
  const found = await findOrders(client, [...new Set(rows.map(({ recordId }) => recordId!))]);
  const orders = new Map(found.map((order) => [order.id, order]));
  return new Map(
    rows.flatMap(({ id, event, recordId, createdAt, detail }): [number, OutboundEvent][] => {
      const order = orders.get(recordId!);
      if (order === undefined) return [];
      const { version: _, next_statuses: __, ...data } = order;
      const told: OutboundEvent = {
        id: `order-${order.id}-${String(detail?.version)}`,
        type: event,
        corrects: null,
        subject: `/orders/${order.id}`,
        happenedAt: createdAt,
        locationId: order.location_id,
        ownerId: order.owner_id,
        data: { ...data, status: detail?.status, status_before: detail?.before },
      };
      return [[id, told]];
    }),
  );
}
