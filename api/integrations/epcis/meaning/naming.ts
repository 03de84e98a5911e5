import type { Reader } from "../../../auth/limits.ts";
import type { Naming, ReportedShipment } from "../../../../ingest/domain/epcis/custody-events.ts";
import { classUri, locationUri, orderUri, shipmentUri, vehicleUri } from "../../../../ingest/domain/epcis/names.ts";
import { zoneOffset } from "../../../../ingest/domain/epcis/zone-offset.ts";

/** What events name, read once for a batch. */
export interface NamedThings extends Naming {
  base: string;
  shipment(id: number): ReportedShipment | undefined;
  /** a product, of one lot if that is named */
  product(id: number, lot?: string): string;
}

interface Place {
  id: number;
  gln: string | null;
  timeZone: string | null;
}

interface ShipmentRow {
  id: number;
  trackingNumber: string;
  originId: number | null;
  destinationId: number | null;
  orderId: number | null;
  orderKind: string | null;
  foreignName: string | null;
  goods: { itemId: number | null; name: string; quantity: number }[];
}

/** @param ids of the things that the events of a batch are about */
export async function loadNamedThings(
  client: Reader,
  base: string,
  ids: { shipments: readonly number[]; items: readonly number[] },
): Promise<NamedThings> {
  const shipments = await loadShipments(client, ids.shipments);
  const items = [
    ...ids.items,
    ...[...shipments.values()].flatMap(({ goods }) => goods.flatMap(({ itemId }) => itemId ?? [])),
  ];
  const gtins = await loadGtins(client, [...new Set(items)]);
  const places = await loadPlaces(client);
  const location = (id: number) => locationUri(base, places.get(id) ?? { id, gln: null });
  const product = (id: number, lot?: string) => classUri(base, { id, gtin: gtins.get(id) ?? null }, lot);
  return {
    base,
    location,
    vehicle: (id) => vehicleUri(base, id),
    offset: (id, at) => zoneOffset((id === null ? undefined : places.get(id)?.timeZone) ?? null, at),
    product,
    shipment(id) {
      const row = shipments.get(id);
      return (
        row && {
          uri: row.foreignName ?? shipmentUri(base, row),
          goods: row.goods.map(({ itemId, ...goods }) => ({ ...goods, uri: itemId === null ? null : product(itemId) })),
          origin: row.originId === null ? null : location(row.originId),
          destination: row.destinationId === null ? null : location(row.destinationId),
          transactions:
            row.orderId === null
              ? []
              : [{ type: row.orderKind === "return" ? "rma" : "po", bizTransaction: orderUri(base, row.orderId) }],
        }
      );
    },
  };
}

/** A place without a time zone has that of the nearest place around it. */
async function loadPlaces(client: Reader): Promise<Map<number, Place>> {
  const { rows } = await client.query<Place & { parentId: number | null }>({
    name: "epcis_places",
    text: `SELECT id, gln, time_zone AS "timeZone", parent_id AS "parentId" FROM locations`,
  });
  const byId = new Map(rows.map((row) => [row.id, row]));
  return new Map(
    rows.map((row) => {
      let around: (typeof rows)[number] | undefined = row;
      for (let depth = 0; depth < MAX_DEPTH && around !== undefined && around.timeZone === null; depth += 1)
        around = around.parentId === null ? undefined : byId.get(around.parentId);
      return [row.id, { id: row.id, gln: row.gln, timeZone: around?.timeZone ?? null }];
    }),
  );
}

const MAX_DEPTH = 20;

async function loadGtins(client: Reader, ids: readonly number[]): Promise<Map<number, string | null>> {
  if (ids.length === 0) return new Map();
  const { rows } = await client.query<{ id: number; gtin: string | null }>({
    name: "epcis_products",
    text: "SELECT id, gtin FROM items WHERE id = ANY ($1::int[])",
    values: [ids],
  });
  return new Map(rows.map(({ id, gtin }) => [id, gtin]));
}

/** A shipment that came by an event is called as its sender calls it. */
async function loadShipments(client: Reader, ids: readonly number[]): Promise<Map<number, ShipmentRow>> {
  if (ids.length === 0) return new Map();
  const { rows } = await client.query<ShipmentRow>({
    name: "epcis_shipments_told",
    text: `SELECT s.id, s.tracking_number AS "trackingNumber", s.origin_id AS "originId", s.destination_id AS "destinationId",
        s.order_id AS "orderId", o.kind AS "orderKind",
        (SELECT thing FROM epcis_shipments e WHERE e.shipment_id = s.id ORDER BY thing LIMIT 1) AS "foreignName",
        coalesce((SELECT json_agg(json_build_object('itemId', l.item_id, 'name', l.product_name, 'quantity', l.quantity) ORDER BY l.line)
          FROM shipment_lines l WHERE l.shipment_id = s.id),
          json_build_array(json_build_object('itemId', s.item_id, 'name', s.product_name, 'quantity', s.quantity))) AS goods
      FROM shipments s LEFT JOIN orders o ON o.id = s.order_id WHERE s.id = ANY ($1::int[])`,
    values: [ids],
  });
  return new Map(rows.map((row) => [row.id, row]));
}
