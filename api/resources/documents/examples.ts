import { EPCIS_EXAMPLES } from "./epcis-examples.ts";
import { INTEGRATION_EXAMPLES, UNPROVABLE_INTEGRATION_EXAMPLES } from "./integration-examples.ts";
import { MASTER_DATA_EXAMPLES } from "./master-data-examples.ts";
import type { RequestExample } from "./request-example.ts";
import { TRIP_EXAMPLES } from "./trip-examples.ts";

/**
 * One example of each request that has a body, and of those that are worth showing without one. They tell one story, in this
 * order: sent one after the other to a new installation, by an administrator, each succeeds.
 */
export const EXAMPLES: Readonly<Record<string, RequestExample>> = {
  ...MASTER_DATA_EXAMPLES,
  ...EPCIS_EXAMPLES,
  ...INTEGRATION_EXAMPLES,
  "POST /inventory-items": { body: { item_id: 1, location_id: 1, quantity: 40, reorder_point: 10 } },
  "PUT /inventory-items/{id}": { path: { id: 1 }, body: { quantity: 42 } },
  "PUT /reorder-points/{id}": { path: { id: 1 }, body: { reorder_point: 5 } },
  "GET /inventory-items": { query: { quantity: 50 } },
  "POST /movements": {
    body: { inventory_item_id: 1, quantity: 2, unit: "carton", reason: "received", evidence: "delivery note 4711" },
  },
  "POST /movements/{id}/reverse": { path: { id: 1 }, body: { reason: "counted twice" } },
  "GET /movements": { query: { inventory_item_id: 1, order: "newest" } },
  "POST /lots": { body: { item_id: 1, number: "L-0301", expires_on: "2030-01-31", release_condition: "laboratory" } },
  "PUT /lots/{id}": { path: { id: 1 }, body: { supplier_id: 1 } },
  "POST /lots/{id}/hold": { path: { id: 1 }, body: { reason: "a customer complains of the smell" } },
  "POST /lots/{id}/release": { path: { id: 1 }, body: { reason: "laboratory result 4711" } },
  "GET /lots": { query: { in_stock: true } },
  "POST /asset-types": { body: { name: "Euro pallet", kind: "pallet", value_cents: 1200, currency: "EUR" } },
  "PUT /asset-types/{id}": { path: { id: 1 }, body: { value_cents: 1300 } },
  "POST /asset-movements": {
    body: { asset_type_id: 1, party_id: 1, direction: "given", quantity: 33, reference: "delivery note 4711" },
  },
  "POST /asset-movements/{id}/reverse": { path: { id: 1 }, body: { reason: "typing error" } },
  "POST /cycle-counts": { body: { inventory_item_id: 1 } },
  "POST /cycle-counts/{id}/count": { path: { id: 1 }, body: { quantity: 41 } },

  "POST /notification-rules": {
    body: {
      name: "Shelves by day",
      types: ["low_stock", "out_of_stock"],
      severities: ["warning", "critical"],
      hours: { from: "06:00", to: "22:00", days: ["mon", "tue", "wed", "thu", "fri", "sat"] },
      channel: "email",
      target: "shift@example.com",
      escalate_after_minutes: 30,
      escalate_to: "manager@example.com",
    },
  },
  "POST /push-subscriptions": {
    body: {
      endpoint: "https://push.example.com/v1/bXktYnJvd3Nlcg",
      keys: {
        p256dh: "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4",
        auth: "BTBZMqHH6r4Tts7J_aSIgg",
      },
    },
  },
  "PUT /notification-rules/{id}": { path: { id: 1 }, body: { digest_minutes: 15 } },
  "POST /report-schedules": {
    body: {
      name: "Bottlenecks of the night",
      report: "bottlenecks",
      filters: { stage: "storage" },
      frequency: "daily",
      hour: 6,
      time_zone: "Europe/Berlin",
      recipients: ["shift@example.com"],
    },
  },
  "PUT /report-schedules/{id}": { path: { id: 1 }, body: { frequency: "weekly", weekday: 1 } },
  "GET /analytics/throughput": { query: { interval: "hour", stage: "storage" } },
  "POST /alert-rules/dry-run": { body: { type: "low_stock", params: { hold_seconds: 60 }, days: 7 } },
  "POST /alert-rules": {
    body: {
      name: "Cold store: nearly empty",
      type: "low_stock",
      severity: "critical",
      location_ids: [1],
      params: { hold_seconds: 30 },
    },
  },
  "PUT /alert-rules/{id}": { path: { id: 1 }, body: { params: { hold_seconds: 120, clear_margin_percent: 20 } } },
  "GET /alerts": { query: { active: true, severity: "critical" } },

  "POST /orders": {
    body: { kind: "customer", customer_id: 1, reference: "PO-4711", lines: [{ item_id: 1, quantity: 12 }] },
  },
  "GET /reorder-suggestions": { query: { location_id: 1 } },
  "PUT /orders/{id}": { path: { id: 1 }, body: { status: "approved" } },

  "POST /shipments": {
    body: {
      product_name: "Olive oil 1 l",
      quantity: 12,
      location: "storage",
      due_at: "2026-12-01T16:00:00Z",
      profiles: ["cold_chain"],
      conditions: { celsius: { min: 2, max: 25, minutes: 10 }, humidity: { max: 0.7 }, gap_minutes: 20 },
      reference: "PO-4711",
    },
  },
  "GET /shipments": { query: { status: "in_storage", limit: 20 } },
  "POST /shipments/{id}/lots": { path: { id: 1 }, body: { item_id: 1, lot: "L-0301", quantity: 12 } },
  "PUT /shipments/{id}": { path: { id: 1 }, body: { due_at: "2026-12-02T16:00:00Z", priority: "high" } },
  "POST /shipments/{id}/tags": { path: { id: 1 }, body: { epc: "3074257BF7194E4000001A85" } },
  "POST /shipments/{id}/handling-units": {
    path: { id: 1 },
    body: { sscc: "106141412345678908", contents: [{ item_id: 1, quantity: 12 }] },
  },
  "POST /shipments/{id}/handling-units/{unit_id}/unpack": { path: { id: 1, unit_id: 1 }, body: {} },
  ...TRIP_EXAMPLES,
  "POST /shipments/{id}/load": { path: { id: 1 }, body: { vehicle_id: 1 } },
  "POST /shipments/{id}/unload": { path: { id: 1 }, body: { location_id: 1 } },
  "POST /shipments/{id}/proof-of-delivery": {
    path: { id: 1 },
    body: { name: "A. Huber", outcome: "partly", reason: "two cases were wet", lines: [{ line: 1, quantity: 10 }] },
  },
  "POST /shipments/{id}/tracking-links": { path: { id: 1 }, body: { expires_at: "2030-01-31T00:00:00Z" } },
  "POST /shipments/{id}/attachments": {
    path: { id: 1 },
    query: { file_name: "damage.txt" },
    body: "One carton of the lower layer is dented.",
  },
  "GET /shipments/{id}/conditions": { path: { id: 1 } },
  "GET /shipments/{id}/track": { path: { id: 1 }, query: { simplify: 20 } },

  "POST /devices": {
    body: {
      id: "tracker-1",
      kind: "gps",
      decoder: "native",
      name: "Tracker of truck 7",
      mount: { vehicle_id: 1 },
      interval_s: 10,
    },
  },
  "POST /devices/import": {
    body: [
      { id: "probe-1", kind: "env" },
      { id: "gate-1", kind: "rfid" },
    ],
  },
  "POST /imports/items": {
    query: { dry_run: true },
    body: [
      { sku: "VIN-1L", name: "Vinegar 1 l", packs: [{ unit: "carton", quantity: 12 }], supplier: "Alpine Foods GmbH" },
    ],
  },
  "POST /imports/locations": {
    body: [
      {
        name: "Aisle 2",
        parent: "Munich warehouse",
        capacity_units: 400,
        kind: "storage",
        storage_category: "ambient",
      },
      { name: "Dock", parent: "Munich warehouse", kind: "receiving" },
    ],
  },
  "POST /imports/parties": { body: [{ name: "Isar Transport GmbH", roles: ["carrier"], reference: "C-100" }] },
  "POST /imports/devices": { body: [{ id: "probe-2", kind: "env", name: "Probe of aisle 2" }] },
  "POST /imports/orders": {
    body: [
      {
        kind: "customer",
        reference: "SO-1001",
        location: "Munich warehouse",
        lines: [{ sku: "OIL-1L", quantity: 12 }],
      },
    ],
  },
  "POST /imports/stock": {
    body: [
      { sku: "OIL-1L", location: "Aisle 2", quantity: 60, reorder_point: 24 },
      { sku: "OIL-1L", location: "Dock", quantity: 48 },
    ],
  },
  "POST /locations/{id}/put-away": { path: { id: 3 }, body: { inventory_item_id: 3, quantity: 24, code: "LOC-2" } },
  "PUT /devices/{id}": { path: { id: "tracker-1" }, body: { rate_limit: 20 } },
  "POST /devices/{id}/tokens": { path: { id: "tracker-1" }, body: { expires_in: 3600 } },
  "POST /devices/{id}/commands": { path: { id: "tracker-1" }, body: { type: "set_interval", args: { seconds: 5 } } },
  "GET /devices/{id}/readings": { path: { id: "tracker-1" }, query: { kind: "gps", from: "2026-11-21T08:00:00Z" } },
  "POST /device-profiles": { body: { name: "Trackers of 2027", kind: "gps", decoder: "native", quota: 100 } },
  "PUT /device-profiles/{id}": {
    path: { id: 1 },
    body: {
      payload_fields: {
        TempC_SHT: "env.celsius",
        BatV: { field: "env.battery", scale: 0.8333, offset: -2 },
        door: null,
      },
    },
  },
  "POST /decoders/{name}/test": { path: { name: "scale-line" }, body: { text: "ST,GS,+  12.345kg" } },

  "POST /users": { body: { email: "sam@example.com", name: "Sam Sales", role: "sales", location_ids: [1] } },
  "PUT /users/{id}": { path: { id: 2 }, body: { role: "operator" } },
  "POST /api-clients": { body: { name: "Web shop", role: "sales", expires_at: "2027-12-31T00:00:00Z" } },
  "PUT /api-clients/{id}": { path: { id: 1 }, body: { name: "Web shop 2" } },
  "POST /service-accounts": {
    body: { id: "bridge-1", name: "Bridge of hall 3", publish: ["devices/+/gps"], subscribe: ["events/#"] },
  },
  "PUT /service-accounts/{id}": { path: { id: "bridge-1" }, body: { subscribe: [] } },
  "POST /orders/{id}/reserve": { path: { id: 1 }, body: { expires_at: "2099-11-21T18:00:00Z" } },
  "POST /pick-lists": { body: { order_ids: [1] } },
  "POST /pick-lists/{id}/pick": { path: { id: 1 }, body: { inventory_item_id: 1, quantity: 6, place: "LOC-1" } },
  "POST /pick-lists/{id}/cancel": { path: { id: 1 }, body: {} },
  "POST /orders/{id}/pick": { path: { id: 1 }, body: { lines: [{ line: 1, quantity: 4 }] } },
  "POST /orders/{id}/pack": {
    path: { id: 1 },
    body: { units: [{ sscc: "106141411234567897", contents: [{ line: 1, quantity: 10 }] }] },
  },
  "POST /orders/{id}/ship": { path: { id: 1 }, body: { due_at: "2099-11-23T12:00:00Z" } },
  "POST /orders/{id}/cancel": { path: { id: 1 }, body: {} },
};

/** Examples that need something that no example can make: a secret, a code, the weight on a scale. */
export const UNPROVABLE_EXAMPLES: Readonly<Record<string, RequestExample>> = {
  ...UNPROVABLE_INTEGRATION_EXAMPLES,
  "POST /shipments/{id}/events/{event_id}/void": { path: { id: 1, event_id: 7 }, body: { reason: "wrong truck" } },
  "POST /imports/{id}/resume": { path: { id: 1 }, body: [{ sku: "VIN-1L", name: "Vinegar 1 l" }] },
  "POST /auth/setup": {
    body: { token: "the one-time link's token", email: "ada@example.com", password: "seven wet llamas hum" },
  },
  "POST /auth/reset": { body: { email: "ada@example.com" } },
  "POST /auth/login": { body: { email: "ada@example.com", password: "seven wet llamas hum" } },
  "POST /auth/password": { body: { current: "seven wet llamas hum", new: "nine dry camels sing" } },
  "POST /auth/totp": { body: { code: "123456" } },
  "DELETE /auth/totp": { body: { password: "seven wet llamas hum", code: "123456" } },
  "POST /oauth/token": {
    body: { grant_type: "client_credentials", client_id: "wsc_4f9a", client_secret: "the secret that was shown once" },
  },
  "POST /provision": { body: { profile_key: "the key that the profile showed once", id: "tracker-27", kind: "gps" } },
  "POST /orders/{id}/receive": {
    path: { id: 2 },
    body: { lines: [{ item_id: 1, quantity: 12 }], evidence: "delivery note 4711" },
  },
  "POST /alerts/{id}/ack": { path: { id: 1 }, body: { note: "I am on my way" } },
  "POST /alerts/{id}/snooze": { path: { id: 1 }, body: { minutes: 60 } },
  "POST /alerts/{id}/assign": { path: { id: 1 }, body: { user_id: 7 } },
  "POST /alerts/{id}/resolve": { path: { id: 1 }, body: { note: "filled up from the store room" } },
  "POST /devices/{id}/calibrate": { path: { id: "scale-1" }, body: { pieces: 10 } },
};
