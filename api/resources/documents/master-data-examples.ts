import type { RequestExample } from "./request-example.ts";

/** The beginning of the story that examples.ts tells: places, parties, products and vehicles. */
export const MASTER_DATA_EXAMPLES: Readonly<Record<string, RequestExample>> = {
  "POST /locations": {
    body: {
      name: "Munich warehouse",
      stage: "storage",
      time_zone: "Europe/Berlin",
      geofence: { lat: 48.137, lon: 11.575, radius_m: 250 },
      capacity_units: 1200,
      capacity_litres: 90_000,
      capacity_kilograms: 25_000,
      tags: ["bonded"],
    },
  },
  "PUT /locations/{id}": { path: { id: 1 }, body: { capacity_units: 1500 } },
  "POST /parties": {
    body: {
      name: "Alpine Foods GmbH",
      roles: ["customer", "supplier"],
      language: "de",
      lead_time_days: 5,
      minimum_quantity: 48,
      pack_quantity: 12,
    },
  },
  "PUT /parties/{id}": { path: { id: 1 }, body: { email: "orders@alpine-foods.example" } },
  "GET /parties": { query: { role: "supplier" } },
  "POST /items": {
    body: {
      sku: "OIL-1L",
      name: "Olive oil 1 l",
      gtin: "4012345000016",
      base_unit: "piece",
      packs: [{ unit: "carton", quantity: 12 }],
      unit_weight_grams: 1050,
      unit_volume_litres: 1.4,
      value_cents: 899,
      currency: "EUR",
      supplier_id: 1,
      storage_category: "ambient",
      tags: ["fragile", "food"],
    },
  },
  "POST /custom-fields": {
    body: { thing: "items", name: "shelf_life", label: "Shelf life", type: "number", unit: "days" },
  },
  "PUT /custom-fields/{id}": { path: { id: 1 }, body: { label: "Shelf life, unopened" } },
  "GET /items": { query: { tags: "fragile", attributes: '{"shelf_life":540}' } },
  "POST /items/{id}/attachments": {
    path: { id: 1 },
    query: { file_name: "handling.txt" },
    body: "Keep upright. Do not stack more than four cartons.",
  },
  "PUT /items/{id}": { path: { id: 1 }, body: { value_cents: 949, attributes: { shelf_life: 540 } } },
  "POST /vehicles": { body: { name: "Truck 7", plate: "M-WS 7" } },
  "PUT /vehicles/{id}": { path: { id: 1 }, body: { plate: "M-WS 77" } },
  "POST /locations/{id}/attachments": {
    path: { id: 1 },
    query: { file_name: "access.txt" },
    body: "Gate code on request. Trucks enter from the south.",
  },
  "POST /parties/{id}/attachments": {
    path: { id: 1 },
    query: { file_name: "terms.txt" },
    body: "Delivery on weekdays from 7 to 15.",
  },
  "POST /vehicles/{id}/attachments": {
    path: { id: 1 },
    query: { file_name: "inspection.txt" },
    body: "Tail lift inspected.",
  },
};
