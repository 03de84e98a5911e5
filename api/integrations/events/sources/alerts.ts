import type { PoolClient } from "pg";
import { withoutVersion } from "../../../http/response.ts";
import { findAlerts } from "../../../resources/alerts/queries.ts";
import type { OutboundEvent } from "../event.ts";
import type { OutboxRow } from "./source.ts";

/** Alerts, as `GET /alerts/{id}` shows them when they are told. */
export async function alertEvents(client: PoolClient, rows: readonly OutboxRow[]): Promise<Map<number, OutboundEvent>> {
  const ids = rows.flatMap(({ alertId }) => alertId ?? []);
  const alerts = new Map((await findAlerts(client, ids)).map((alert) => [alert.id, withoutVersion(alert)]));
  const owners = await ownersOf(client, ids);
  return new Map(
    rows.flatMap((row): [number, OutboundEvent][] => {
      const alert = row.alertId === null ? undefined : alerts.get(row.alertId);
      if (alert === undefined) return [];
      const told: OutboundEvent = {
        id: eventId(row),
        type: row.event,
        corrects: null,
        subject: `/alerts/${alert.id}`,
        happenedAt: row.event === OPENED ? new Date(alert.happened_at) : row.createdAt,
        locationId: alert.location_id,
        ownerId: owners.get(alert.id) ?? null,
        data: alert,
      };
      return [[row.id, told]];
    }),
  );
}

const OPENED = "alert.opened";

/** An alert opens once; what else becomes of it may happen again. */
function eventId({ event, alertId, detail }: OutboxRow): string {
  const name = `alert-${alertId}-${event.slice(event.indexOf(".") + 1)}`;
  return event === OPENED ? name : `${name}-${String(detail?.version)}`;
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
