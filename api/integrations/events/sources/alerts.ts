import type { PoolClient } from "pg";
import { findAlerts } from "../../../resources/alerts/queries.ts";
import type { OutboundEvent } from "../event.ts";
import type { OutboxRow } from "./source.ts";

/** Alerts, as `GET /alerts/{id}` shows them. */
export async function alertEvents(client: PoolClient, rows: readonly OutboxRow[]): Promise<Map<number, OutboundEvent>> {
  const ids = rows.flatMap(({ alertId }) => alertId ?? []);
  const alerts = new Map((await findAlerts(client, ids)).map(({ version: _, ...alert }) => [alert.id, alert]));
  const owners = await ownersOf(client, ids);
  return new Map(
    rows.flatMap(({ id, event, alertId }): [number, OutboundEvent][] => {
      const alert = alertId === null ? undefined : alerts.get(alertId);
      if (alert === undefined) return [];
      const told: OutboundEvent = {
        id: `alert-${alert.id}-${event.slice(event.indexOf(".") + 1)}`,
        type: event,
        corrects: null,
        subject: `/alerts/${alert.id}`,
        happenedAt: new Date(alert.happened_at),
        locationId: alert.location_id,
        ownerId: owners.get(alert.id) ?? null,
        data: alert,
      };
      return [[id, told]];
    }),
  );
}

/** Whose goods alerts are about. */
async function ownersOf(client: PoolClient, ids: readonly number[]): Promise<Map<number, number>> {
  const { rows } = await client.query<{ id: number; ownerId: number }>({
    name: "owners_of_alerts",
    text: `SELECT a.id, coalesce(i.owner_id, s.owner_id) AS "ownerId" FROM alerts a
      LEFT JOIN inventory_items i ON i.id = a.inventory_item_id LEFT JOIN shipments s ON s.id = a.shipment_id
      WHERE a.id = ANY ($1::int[]) AND coalesce(i.owner_id, s.owner_id) IS NOT NULL`,
    values: [ids],
  });
  return new Map(rows.map(({ id, ownerId }) => [id, ownerId]));
}
