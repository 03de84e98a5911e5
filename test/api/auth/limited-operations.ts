import { searchesOf, type Side } from "./limited-world.ts";
import { INTEGRATION_TRIALS } from "./integration-access.ts";
import { ANALYTICS_TRIALS } from "./analytics-access.ts";
import { ALERT_TRIALS } from "./limited-alerts.ts";
import { EPCIS_TRIALS } from "./epcis-access.ts";
import { PLACE_TRIALS } from "./limited-places.ts";
import { EPCIS_READING_TRIALS } from "./epcis-reading.ts";
import { ORDER_TRIALS } from "./limited-orders.ts";
import { INSTALLATION_TRIALS } from "./limited-installation.ts";
import { STOCK_TRIALS } from "./limited-stock.ts";
import { TRACING_TRIALS } from "./limited-tracing.ts";
import { TRIP_TRIALS } from "./limited-trips.ts";
import { common, type Ids, type Trial, UNKNOWN } from "./limited-trial.ts";

const id = { id: UNKNOWN };
const deviceId = { id: "no-such-device" };

const shipment = (more: object = {}): Trial => ({
  kind: "one",
  ids: (s) => ({ id: s.shipment }),
  unknown: id,
  ...more,
});
const device = (more: object = {}): Trial => ({
  kind: "one",
  ids: (s) => ({ id: s.device }),
  unknown: deviceId,
  ...more,
});
const location = (more: object = {}): Trial => ({ kind: "one", ids: (s) => ({ id: s.shelf }), unknown: id, ...more });
const vehicle = (more: object = {}): Trial => ({ kind: "one", ids: (s) => ({ id: s.vehicle }), unknown: id, ...more });
const party = (more: object = {}): Trial => ({ kind: "one", ids: (s) => ({ id: s.owner }), unknown: id, ...more });
const message = (more: object = {}): Trial => ({ kind: "one", ids: (s) => ({ id: s.message }), unknown: id, ...more });
const credential: Trial = {
  kind: "one",
  ids: (s) => ({ id: s.device, credential_id: s.credential }),
  unknown: { id: "no-such-device", credential_id: UNKNOWN },
};
const unit = (s: Side): Ids => ({ id: s.shipment, unit_id: s.unit });

/** Every operation but the public ones. An operation that is not here makes the test fail. */
export const TRIALS: Readonly<Record<string, Trial>> = {
  ...INSTALLATION_TRIALS,
  ...EPCIS_READING_TRIALS,
  ...EPCIS_TRIALS,
  ...INTEGRATION_TRIALS,

  "GET /shipments": { kind: "list", key: (s) => s.shipment },
  "POST /shipments": {
    kind: "new",
    body: (s) => ({
      lines: ["new", "newer"].map((product_name) => ({ product_name, quantity: 1 })),
      location: s.location,
      destination_id: s.shelf,
      owner_id: s.owner,
      order_id: s.order,
    }),
    refers: [
      (s) => ({ location: s.location }),
      (s) => ({ destination_id: s.location }),
      (s) => ({ order_id: s.order }),
      (s) => ({ owner_id: s.owner }),
    ],
  },
  "GET /shipments/{id}": shipment(),
  "PUT /shipments/{id}": shipment({
    body: (s: Side) => ({ location: s.shelf }),
    refers: [
      (s: Side) => ({ location: s.location }),
      (s: Side) => ({ destination_id: s.location }),
      (s: Side) => ({ order_id: s.order }),
      (s: Side) => ({ owner_id: s.owner }),
    ],
  }),
  "GET /shipments/{id}/events": shipment(),
  "POST /shipments/{id}/events/{event_id}/void": {
    kind: "one",
    ids: (s) => ({ id: s.shipment, event_id: s.event }),
    unknown: { id: UNKNOWN, event_id: UNKNOWN },
    body: () => ({ reason: "wrong truck" }),
    last: true,
  },
  "GET /shipments/{id}/custody": shipment(),
  "GET /shipments/{id}/custody/check": shipment(),
  "GET /shipments/{id}/track": shipment(),
  "GET /shipments/{id}/conditions": shipment(),
  "GET /shipments/{id}/tags": shipment(),
  "POST /shipments/{id}/load": shipment({
    body: (s: Side) => ({ vehicle_id: s.vehicle }),
    refers: [(s: Side) => ({ vehicle_id: s.vehicle })],
  }),
  "POST /shipments/{id}/unload": shipment({
    body: (s: Side) => ({ location_id: s.shelf, at: new Date(Date.now() - 60_000).toISOString() }),
    refers: [(s: Side) => ({ location_id: s.location })],
  }),
  "POST /shipments/{id}/proof-of-delivery": shipment({ body: () => ({ name: "A. Person" }), last: true }),
  "POST /shipments/{id}/tags": shipment({ body: () => ({ epc: "urn:epc:id:sgtin:0614141.112345.400" }) }),
  "DELETE /shipments/{id}/tags/{epc}": {
    kind: "one",
    ids: (s) => ({ id: s.shipment, epc: s.epc }),
    unknown: { id: UNKNOWN, epc: "urn:epc:id:sgtin:0614141.112345.1" },
    last: true,
  },
  "GET /shipments/{id}/tracking-links": shipment(),
  "POST /shipments/{id}/tracking-links": shipment({ body: () => ({}) }),
  "DELETE /shipments/{id}/tracking-links/{link_id}": {
    kind: "one",
    ids: (s) => ({ id: s.shipment, link_id: s.trackingLink }),
    unknown: { id: UNKNOWN, link_id: UNKNOWN },
    last: true,
  },
  "DELETE /shipments/{id}/tracking-links": shipment({ last: true }),
  "GET /shipments/{id}/label": shipment(),
  "GET /shipments/{id}/delivery-note": shipment(),
  "GET /shipments/{id}/handling-units": shipment(),
  "GET /shipments/{id}/handling-units/{unit_id}": {
    kind: "one",
    ids: unit,
    unknown: { id: UNKNOWN, unit_id: UNKNOWN },
  },
  "POST /shipments/{id}/handling-units": shipment({
    body: () => ({ sscc: "000000000000000994" }),
    refers: [(s: Side) => ({ sscc: "000000000000000987", parent: s.sscc })],
  }),
  "POST /shipments/{id}/handling-units/{unit_id}/unpack": {
    kind: "one",
    ids: unit,
    unknown: { id: UNKNOWN, unit_id: UNKNOWN },
    body: () => ({}),
    last: true,
  },

  ...STOCK_TRIALS,
  ...ANALYTICS_TRIALS,
  ...TRACING_TRIALS,

  ...ALERT_TRIALS,

  ...PLACE_TRIALS,

  "GET /locations": { kind: "list", key: (s) => s.location },
  "POST /locations": {
    kind: "new",
    body: (s) => ({ name: "new", parent_id: s.location }),
    refers: [(s) => ({ parent_id: s.location })],
  },
  "GET /locations/{id}": location(),
  "GET /locations/{id}/label": location(),
  "PUT /locations/{id}": location({
    body: () => ({ name: "renamed" }),
    refers: [(s: Side) => ({ parent_id: s.location })],
  }),
  "DELETE /locations/{id}": location({ last: true }),
  "GET /items": common("the catalogue is common to all"),
  "POST /items": common("the catalogue is common to all"),
  "GET /items/{id}/label": common("the catalogue is common to all"),
  "GET /items/{id}": common("the catalogue is common to all"),
  "PUT /items/{id}": common("the catalogue is common to all"),
  "DELETE /items/{id}": common("the catalogue is common to all"),
  "GET /vehicles": { kind: "list", key: (s) => s.vehicle },
  "POST /vehicles": common("a new vehicle carries nothing"),
  "GET /vehicles/{id}": vehicle(),
  "GET /vehicles/{id}/drives": vehicle(),
  "GET /vehicles/{id}/stops": vehicle(),
  "GET /vehicles/{id}/telemetry": vehicle(),
  "PUT /vehicles/{id}": vehicle({ body: () => ({ plate: "W-1" }) }),
  "DELETE /vehicles/{id}": vehicle({ last: true }),

  ...TRIP_TRIALS,
  "GET /parties": { kind: "list", key: (s) => s.owner },
  "POST /parties": { kind: "new", body: () => ({ name: "new", roles: ["customer"] }), refers: [] },
  "GET /parties/{id}": party(),
  "PUT /parties/{id}": party({ body: () => ({ phone: "089 1" }) }),
  "DELETE /parties/{id}": party({ last: true }),

  ...ORDER_TRIALS,

  "GET /quarantine": { kind: "list", key: (s) => s.message },
  "POST /quarantine/{id}/retry": message(),
  "DELETE /quarantine/{id}": message({ last: true }),
  "GET /devices": { kind: "list", key: (s) => s.device },
  "POST /devices": {
    kind: "new",
    body: (s) => ({ id: "new-gate", kind: "rfid", mount: { location_id: s.location } }),
    refers: [(s) => ({ mount: { location_id: s.location } }), (s) => ({ mount: { vehicle_id: s.vehicle } })],
  },
  "POST /devices/import": {
    kind: "new",
    body: (s) =>
      [{ id: "imported", kind: "rfid", mount: { location_id: s.location } }] as unknown as Record<string, unknown>,
    refers: [],
  },
  "GET /devices/{id}": device(),
  "PUT /devices/{id}": device({
    body: () => ({ name: "renamed" }),
    refers: [
      (s: Side) => ({ mount: { location_id: s.location } }),
      (s: Side) => ({ mount: { vehicle_id: s.vehicle } }),
    ],
  }),
  "DELETE /devices/{id}": device({ last: true }),
  "GET /devices/{id}/credentials": device(),
  "POST /devices/{id}/credentials": device(),
  "DELETE /devices/{id}/credentials/{credential_id}": credential,
  "POST /devices/{id}/tokens": device({ body: () => ({}) }),
  "POST /devices/{id}/commands": device({ body: () => ({ type: "tare" }) }),
  "GET /devices/{id}/commands": device(),
  "GET /devices/{id}/commands/{command_id}": {
    kind: "one",
    ids: (s) => ({ id: s.device, command_id: s.command }),
    unknown: { id: "no-such-device", command_id: UNKNOWN },
  },
  "POST /devices/{id}/calibrate": device({ body: () => ({ pieces: 50 }) }),
  "GET /devices/{id}/readings": device(),
  "GET /devices/{id}/quality": device(),
  "POST /decoders/{name}/test": common("decodes what is sent"),
  "GET /search": { kind: "search", finds: searchesOf },
  "GET /epc/{epc}": common("decodes what is sent"),
  "GET /stream": common("test/api/live/limited-stream.test.ts"),
};
