import type { PoolClient } from "pg";
import type { CustodyContent } from "../../../../ingest/domain/custody/milestones.ts";
import type { OutboundEvent } from "../event.ts";
import type { OutboxRow } from "./source.ts";

/** Towards the outside an entry of the custody log has this name (docs/decisions/34-voids-and-custody.md). */
export const shipmentEventId = (shipmentId: number, position: number): string => `shipment-${shipmentId}-${position}`;

interface Row {
  outboxId: number;
  shipmentId: number;
  position: number;
  content: CustodyContent & { kind: string; corrects: number | null };
  ownerId: number | null;
  trackingNumber: string;
  reference: string | null;
}

/** Entries of custody logs: what the log says, with what others know the shipment by. */
export async function shipmentEvents(
  client: PoolClient,
  rows: readonly OutboxRow[],
): Promise<Map<number, OutboundEvent>> {
  const { rows: entries } = await client.query<Row>({
    name: "shipment_events",
    text: `SELECT o.id::float8 AS "outboxId", e.shipment_id AS "shipmentId", e.position, e.content, s.owner_id AS "ownerId",
        s.tracking_number AS "trackingNumber", s.reference
      FROM outbox o JOIN custody_entries e ON (e.shipment_id, e.position) = (o.shipment_id, o.custody_position)
      JOIN shipments s ON s.id = o.shipment_id WHERE o.id = ANY ($1::bigint[])`,
    values: [rows.map(({ id }) => id)],
  });
  const types = new Map(rows.map(({ id, event }) => [id, event]));
  return new Map(entries.map((entry) => [entry.outboxId, eventOf(entry, types.get(entry.outboxId)!)]));
}

function eventOf(
  { shipmentId, position, content, ownerId, trackingNumber, reference }: Row,
  type: string,
): OutboundEvent {
  // Who drives is for the house alone.
  const { driver: _, ...told } = content;
  const { corrects, to, at } = told;
  return {
    id: shipmentEventId(shipmentId, position),
    type,
    corrects: corrects === null ? null : shipmentEventId(shipmentId, corrects),
    subject: `/shipments/${shipmentId}`,
    happenedAt: new Date(at),
    locationId: to.location_id,
    ownerId,
    data: { tracking_number: trackingNumber, reference, ...told },
  };
}
