import { common, hidden, type Trial, UNKNOWN } from "./limited-trial.ts";
import type { Side } from "./limited-world.ts";

const ITEM = 1;
const ASSET_TYPE = 1;
const id = { id: UNKNOWN };
const one =
  (ids: (side: Side) => number) =>
  (more: object = {}): Trial => ({ kind: "one", ids: (s) => ({ id: ids(s) }), unknown: id, ...more });
const serial = one((s) => s.serial);
const shipment = one((s) => s.shipment);
const assetMovement = one((s) => s.assetMovement);
const LOTS = "lots are common to all, like the catalogue: where they are is limited";
const PARTS = "tried in limits-of-tracing.test.ts: of the lot only what may be seen is told";
const TYPES = "types of assets are common to all, like the catalogue";
const OTHERS = "tried in limits-of-tracing.test.ts: its rows have no id";

/** The operations on lots, pieces with a serial, and returnable assets. */
export const TRACING_TRIALS: Readonly<Record<string, Trial>> = {
  "GET /lots": common(LOTS),
  "POST /lots": common(LOTS),
  "GET /lots/{id}": common(LOTS),
  "PUT /lots/{id}": common(LOTS),
  // Only who sees all stock holds a lot: it is held wherever it is.
  "POST /lots/{id}/hold": hidden(),
  "POST /lots/{id}/release": hidden(),
  "GET /lots/{id}/movements": common(PARTS),
  "GET /lots/{id}/holds": common(LOTS),
  "GET /lots/{id}/recall": common(PARTS),
  "GET /lots/{id}/recall.csv": common(PARTS),
  "GET /inventory-items/{id}/lots": one((s) => s.stock)(),
  "GET /shipments/{id}/lots": shipment(),
  "POST /shipments/{id}/lots": shipment({ body: () => ({ item_id: ITEM, lot: "sent", quantity: 1 }) }),
  "DELETE /shipments/{id}/lots/{shipment_lot_id}": {
    kind: "one",
    ids: (s) => ({ id: s.shipment, shipment_lot_id: s.shipmentLot }),
    unknown: { id: UNKNOWN, shipment_lot_id: UNKNOWN },
    last: true,
  },
  "GET /serials": { kind: "list", key: (s) => s.serial },
  "GET /serials/{id}": serial(),
  "GET /serials/{id}/events": serial(),
  "GET /asset-types": common(TYPES),
  "POST /asset-types": common(TYPES),
  "GET /asset-types/{id}": common(TYPES),
  "PUT /asset-types/{id}": common(TYPES),
  "DELETE /asset-types/{id}": common(TYPES),
  "GET /asset-balances": common(OTHERS),
  "GET /assets": common(OTHERS),
  "GET /asset-movements": { kind: "list", key: (s) => s.assetMovement },
  "POST /asset-movements": {
    kind: "new",
    body: (s) => ({
      ...{ asset_type_id: ASSET_TYPE, party_id: s.owner, direction: "given", quantity: 1 },
      ...{ location_id: s.shelf, shipment_id: s.shipment },
    }),
    refers: [(s) => ({ location_id: s.shelf }), (s) => ({ shipment_id: s.shipment })],
  },
  "GET /asset-movements/{id}": assetMovement(),
  "POST /asset-movements/{id}/reverse": assetMovement({ body: () => ({ reason: "typing error" }), last: true }),
};
