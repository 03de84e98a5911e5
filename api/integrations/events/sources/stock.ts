import type { PoolClient } from "pg";
import { findInventoryItems } from "../../../resources/inventory/queries.ts";
import type { OutboundEvent } from "../event.ts";
import type { OutboxRow } from "./source.ts";

/**
 * Stock levels, as `GET /inventory-items/{id}` shows them now. A level that has changed several times since is told once: by its
 * version the event is the same.
 */
export async function stockEvents(client: PoolClient, rows: readonly OutboxRow[]): Promise<Map<number, OutboundEvent>> {
  // The last row of each: it is the newest.
  const last = new Map(rows.map((row) => [row.recordId!, row]));
  const items = await findInventoryItems(client, [...last.keys()]);
  return new Map(
    items.map(({ version, ...item }) => {
      const row = last.get(item.id)!;
      const told: OutboundEvent = {
        id: `stock-${item.id}-${version}`,
        type: row.event,
        corrects: null,
        subject: `/inventory-items/${item.id}`,
        happenedAt: item.measured_at === null ? row.createdAt : new Date(item.measured_at),
        locationId: item.location_id,
        ownerId: item.owner_id,
        data: item,
      };
      return [row.id, told];
    }),
  );
}
