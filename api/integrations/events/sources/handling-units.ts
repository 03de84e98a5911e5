import type { PoolClient } from "pg";
import type { OutboundEvent } from "../event.ts";
import type { OutboxRow } from "./source.ts";

/** What is told of a unit. Names as the API has them. */
export interface ReportedUnit {
  id: number;
  shipment_id: number;
  sscc: string;
  /** SSCC of the unit that it is packed in */
  parent: string | null;
  contents: readonly { item_id: number; quantity: number; lot?: string }[];
  at: string;
}

/** Handling units that were packed, and unpacked. */
export async function handlingUnitEvents(
  client: PoolClient,
  rows: readonly OutboxRow[],
): Promise<Map<number, OutboundEvent>> {
  type Row = Omit<ReportedUnit, "at"> & {
    packedAt: Date;
    unpackedAt: Date | null;
    ownerId: number | null;
    locationId: number | null;
  };
  const { rows: units } = await client.query<Row>({
    name: "units_to_tell",
    text: `SELECT u.id, u.shipment_id, u.sscc, p.sscc AS parent, u.contents, coalesce(u.packed_at, s.created_at) AS "packedAt",
        u.unpacked_at AS "unpackedAt", s.owner_id AS "ownerId", coalesce(s.location_id, s.origin_id) AS "locationId"
      FROM handling_units u JOIN shipments s ON s.id = u.shipment_id LEFT JOIN handling_units p ON p.id = u.parent_id
      WHERE u.id = ANY ($1::int[])`,
    values: [rows.map(({ recordId }) => recordId)],
  });
  const byId = new Map(units.map((unit) => [unit.id, unit]));
  return new Map(
    rows.flatMap(({ id, event, recordId }): [number, OutboundEvent][] => {
      const unit = byId.get(recordId!);
      if (unit === undefined) return [];
      const { packedAt, unpackedAt, ownerId, locationId, ...data } = unit;
      const happenedAt = event === "handling_unit.unpacked" ? (unpackedAt ?? packedAt) : packedAt;
      const told: OutboundEvent = {
        id: `handling-unit-${unit.id}-${event.slice(event.indexOf(".") + 1)}`,
        type: event,
        corrects: null,
        subject: `/shipments/${unit.shipment_id}`,
        happenedAt,
        locationId,
        ownerId,
        data: { ...data, at: happenedAt.toISOString() },
      };
      return [[id, told]];
    }),
  );
}
