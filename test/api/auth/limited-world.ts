import { appendEpcisEvents } from "../../../api/integrations/epcis/repository/append.ts";
import { transaction } from "../../../ingest/decisions/record-facts.ts";
import type { TestApi } from "../support.ts";

/** Everything there is of one side: at its location, and of its owner. */
export interface Side {
  name: "own" | "foreign";
  location: number;
  /** below `location` */
  shelf: number;
  owner: number;
  shipment: number;
  /** its loading */
  event: number;
  unit: number;
  trackingLink: number;
  /** a tag of the shipment */
  epc: string;
  sscc: string;
  stock: number;
  count: number;
  movement: number;
  order: number;
  /** a restock order that is sent */
  restock: number;
  /** a customer order whose goods are held by `reservation` */
  sale: number;
  reservation: number;
  /** of another one */
  pickList: number;
  vehicle: number;
  device: string;
  packingScale: string;
  command: number;
  /** a secret of the device */
  credential: number;
  message: number;
  alert: number;
  /** a receiving place below `location`, and a stock position there */
  dock: number;
  arrived: number;
  /** a file of one of each */
  attachments: Record<"locations" | "parties" | "shipments" | "vehicles", number>;
  serial: number;
  shipmentLot: number;
  assetMovement: number;
  /** stops at `location` with `shipment` */
  trip: number;
  /** an event of EPCIS, by its id */
  epcisEvent: string;
}

/** What a search finds of a side. */
export type Found = [q: string, kind: string, id: unknown];

export const searchesOf = (s: Side): Found[] => [
  [`${s.name} goods`, "shipment", s.shipment],
  ["goods", "shipment", s.shipment],
  [s.sscc, "handling_unit", s.unit],
  [s.sscc, "shipment", s.shipment],
  [`${s.name} yard`, "location", s.location],
  ["truck", "vehicle", s.vehicle],
  [`${s.name} serial`, "serial", s.serial],
  [`${s.name} owner`, "party", s.owner],
  [`#${s.order}`, "order", s.order],
  ["scale", "device", s.device],
];

/** An SSCC of 18 digits with its check digit (GS1 General Specifications §7.9). */
function ssccOf(serial: number): string {
  const digits = `0${String(serial).padStart(16, "0")}`;
  const sum = digits.split("").reduce((sum, digit, at) => sum + Number(digit) * (at % 2 === 0 ? 3 : 1), 0);
  return digits + String((10 - (sum % 10)) % 10);
}

/** Fills one side of the world, by the API as an administrator without limits, and by SQL where only ingest writes. */
export async function fillSide(api: TestApi, name: Side["name"], item: number, creator: number): Promise<Side> {
  const admin = await api.as("admin");
  async function add(path: string, body: object): Promise<number> {
    const answer = await admin(`POST ${path}`, body);
    if (answer.status >= 300) throw new Error(`${path}: ${JSON.stringify(answer.body)}`);
    return answer.body["id"] as number;
  }
  const one = async (text: string, values: unknown[]): Promise<number> =>
    (await api.db.pool.query<{ id: number }>(text, values)).rows[0]!.id;

  const owner = await add("/parties", { name: `${name} owner`, roles: ["owner"] });
  const location = await add("/locations", { name: `${name} yard`, stage: "storage", capacity_units: 1_000_000 });
  const shelf = await add("/locations", { name: `${name} shelf`, parent_id: location, kind: "storage" });
  const dock = await add("/locations", { name: `${name} dock`, parent_id: location, kind: "receiving" });
  const vehicle = await add("/vehicles", { name: `${name} truck` });
  const shipment = await add("/shipments", {
    product_name: `${name} goods`,
    quantity: 1,
    location: shelf,
    owner_id: owner,
  });
  await admin(`POST /shipments/${shipment}/load`, { vehicle_id: vehicle });
  const event = await one("SELECT max(id) AS id FROM facts WHERE subject = 'shipment:' || $1", [shipment]);
  const sscc = ssccOf(owner);
  const unit = await add(`/shipments/${shipment}/handling-units`, { sscc });
  const epc = `urn:epc:id:sgtin:0614141.112345.${shipment + 5_000}`;
  await admin(`POST /shipments/${shipment}/tags`, { epc });
  const trackingLink = await add(`/shipments/${shipment}/tracking-links`, {});
  const stock = await add("/inventory-items", { item_id: item, location_id: shelf, quantity: 7, reorder_point: 50 });
  await api.db.pool.query("UPDATE inventory_items SET owner_id = $2 WHERE id = $1", [stock, owner]);
  const arrived = await add("/inventory-items", { item_id: item, location_id: dock, quantity: 20 });
  await api.db.pool.query("UPDATE inventory_items SET owner_id = $2 WHERE id = $1", [arrived, owner]);
  const attach = (path: string) => add(`${path}/attachments`, { note: name });
  const attachments = {
    locations: await attach(`/locations/${location}`),
    parties: await attach(`/parties/${owner}`),
    shipments: await attach(`/shipments/${shipment}`),
    vehicles: await attach(`/vehicles/${vehicle}`),
  };
  const movement = await add("/movements", { inventory_item_id: stock, quantity: 1, reason: "found" });
  const putLot = { inventory_item_id: stock, quantity: 1, reason: "found", lot: `${name} lot` };
  await add("/movements", putLot);
  await api.db.pool.query(
    `INSERT INTO eta_checks (departure, destination_id, horizon, origin_id, basis, made_at, p50, p90, arrived_at)
    VALUES ($1, $2, 60, $3, 'lane_history', now() - interval '1 hour', now(), now(), now())`,
    [`${name} departure`, shelf, location],
  );
  const serial = await one(
    `INSERT INTO serials (item_id, gtin, serial, scanned_state, scanned_location_id, scanned_at)
    VALUES ($1, '09521101530001', $2, 'there', $3, now()) RETURNING id`,
    [item, `${name} serial`, shelf],
  );
  const shipmentLot = await add(`/shipments/${shipment}/lots`, { item_id: item, lot: "aboard", quantity: 1 });
  const assetType = await add("/asset-types", { name: `${name} pallet`, kind: "pallet" });
  const assetMovement = await add("/asset-movements", {
    ...{ asset_type_id: assetType, party_id: owner, direction: "given", assets: [`${name} asset`] },
    ...{ location_id: shelf, shipment_id: shipment },
  });
  const window = { from: "2031-01-01T08:00:00Z", to: "2031-01-01T09:00:00Z" };
  const stops = [{ location_id: location, window, shipment_ids: [shipment] }];
  const trip = await add("/trips", { vehicle_id: vehicle, stops });
  const epcisEvent = `urn:x:${name}`;
  const told = { eventTime: "2026-03-01T08:00:00Z", eventTimeZoneOffset: "+00:00", eventID: epcisEvent };
  const seen = { type: "ObjectEvent", action: "OBSERVE", epcList: ["urn:epc:id:sscc:0614141.1234567890"], ...told };
  await transaction(api.db.pool, (client) =>
    appendEpcisEvents(client, [{ event: seen, locationId: shelf, ownerId: owner }], { source: "emitted", context: [] }),
  );
  const count = await add("/cycle-counts", { inventory_item_id: stock });
  const lines = [{ item_id: item, quantity: 1 }];
  const order = await add("/orders", { kind: "customer", location_id: location, reference: `${name} order`, lines });
  if (name === "own") await api.db.pool.query("UPDATE orders SET created_by = $2 WHERE id = $1", [order, creator]);
  const restock = await add("/orders", { kind: "restock", location_id: location, lines });
  await api.db.pool.query(
    "UPDATE orders SET status = 'sent', created_by = CASE WHEN $2 THEN $3 ELSE created_by END WHERE id = $1",
    [restock, name === "own", creator],
  );
  const sold = async (quantity: number): Promise<number> => {
    const lines = [{ item_id: item, quantity }];
    const id = await add("/orders", { kind: "customer", location_id: location, owner_id: owner, lines });
    await admin(`PUT /orders/${id}`, { status: "approved" });
    if (name === "own") await api.db.pool.query("UPDATE orders SET created_by = $2 WHERE id = $1", [id, creator]);
    return id;
  };
  const sale = await sold(3);
  await admin(`POST /orders/${sale}/reserve`, {});
  const reservation = await one("SELECT id FROM reservations WHERE order_id = $1", [sale]);
  const pickList = await add("/pick-lists", { order_ids: [await sold(2)] });
  const device = `${name}-scale`;
  await admin("POST /devices", { id: device, kind: "scale", mount: { location_id: shelf, item_id: item } });
  const packingScale = `${name}-packing`;
  await admin("POST /devices", { id: packingScale, kind: "scale", mount: { location_id: location } });
  const command = await add(`/devices/${device}/commands`, { type: "tare" });
  const credential = await one("SELECT id FROM device_credentials WHERE device_id = $1", [device]);
  const message = await one(
    `INSERT INTO quarantine (source, device_id, topic, received_at, reason, payload)
    VALUES ($1, $1, 'devices/' || $1 || '/scale', now(), 'conflict', 'x') RETURNING id`,
    [device],
  );
  const alert = await one(
    `INSERT INTO alerts (rule_id, type, severity, subject, inventory_item_id, location_id, detail, happened_at)
    SELECT id, type, severity, 'inventory_item:' || $1::int, $1, $2, '{}', now() FROM alert_rules WHERE type = 'low_stock' RETURNING id`,
    [stock, shelf],
  );
  return {
    name,
    location,
    shelf,
    owner,
    shipment,
    event,
    unit,
    trackingLink,
    epc,
    sscc,
    stock,
    count,
    movement,
    order,
    restock,
    sale,
    reservation,
    pickList,
    vehicle,
    device,
    packingScale,
    command,
    credential,
    message,
    alert,
    dock,
    arrived,
    attachments,
    serial,
    shipmentLot,
    assetMovement,
    trip,
    epcisEvent,
  };
}
