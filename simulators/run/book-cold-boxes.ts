import type { ApiClient } from "../platform/api-client.ts";
import { idOf, type ProvisionedWorld } from "../platform/seed.ts";
import { COLD_BOX_LIMITS, type ColdBox } from "../world/cold-box.ts";
import { PRODUCTS } from "../world/products.ts";

/** A cold box, and the platform's id of its shipment. */
export interface BookedBox {
  box: ColdBox;
  shipmentId: number;
}

interface ShipmentRow {
  id: number;
  reference: string | null;
  status: string;
}

/** Books a shipment for each cold box, and mounts its logger on it. Those of an earlier run go on. */
export async function bookColdBoxes(
  api: ApiClient,
  boxes: readonly ColdBox[],
  {
    loggers,
    provisioned,
    startMs,
    idPrefix,
  }: { loggers: readonly string[]; provisioned: ProvisionedWorld; startMs: number; idPrefix: string },
): Promise<BookedBox[]> {
  const product = PRODUCTS.find(({ celsius }) => celsius !== undefined)!;
  const known = boxes.length === 0 ? [] : await api.list<ShipmentRow>("/shipments?profile=cold_chain");
  const since = new Date(startMs).toISOString();
  const booked: BookedBox[] = [];
  for (const [at, box] of boxes.entries()) {
    const reference = `${idPrefix}Cold box ${box.number}`;
    const open = known.find((row) => row.reference === reference && row.status === "in_storage");
    const { id } =
      open ??
      (await api.post<ShipmentRow>("/shipments", {
        item_id: idOf(provisioned.items, product.sku),
        quantity: 20,
        location: idOf(provisioned.locations, box.site),
        reference,
        profiles: ["cold_chain"],
        conditions: { celsius: { ...COLD_BOX_LIMITS, minutes: 10 }, gap_minutes: 20 },
        at: since,
      }));
    if (!open) await api.put(`/devices/${encodeURIComponent(loggers[at]!)}`, { mount: { shipment_id: id, since } });
    booked.push({ box, shipmentId: id });
  }
  return booked;
}
