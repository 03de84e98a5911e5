import type { RequestExample } from "./request-example.ts";

/** Of what connects the platform with other systems. */
export const INTEGRATION_EXAMPLES: Readonly<Record<string, RequestExample>> = {
  "POST /erp/connections": {
    body: {
      name: "Odoo",
      kind: "odoo",
      url: "https://shop.odoo.com",
      database: "shop",
      credentials: { api_key: "the key of a user of Odoo" },
      options: { sync: { items: "both" }, units: { Dozens: "dozen" }, interval_s: 60 },
    },
  },
  "PUT /erp/connections/{id}": { path: { id: 1 }, body: { enabled: false } },
  "POST /erp/connections/{id}/sync": { path: { id: 1 } },
  "POST /erp/connections/{id}/test": { path: { id: 1 } },
  "GET /erp/connections/{id}/documents": { path: { id: 1 }, query: { direction: "out", state: "failed" } },
  "GET /erp/conflicts": { query: { state: "open" } },
  "POST /webhooks": {
    body: {
      url: "https://erp.example.com/waystock",
      types: ["shipment.*", "order.status_changed"],
      ordered: true,
      description: "ERP",
    },
  },
  "PUT /webhooks/{id}": { path: { id: 1 }, body: { types: ["*"] } },
  "POST /webhooks/{id}/secrets": { path: { id: 1 } },
  "POST /webhooks/{id}/test": { path: { id: 1 } },
  "POST /webhooks/{id}/replay": { path: { id: 1 }, body: { since: "2026-03-01T08:00:00.000Z" } },
  "GET /webhooks/{id}/deliveries": { path: { id: 1 }, query: { state: "failed" } },
};

/** Examples that need what only an ERP can make. */
export const UNPROVABLE_INTEGRATION_EXAMPLES: Readonly<Record<string, RequestExample>> = {
  "POST /erp/conflicts/{id}/resolve": { path: { id: 1 }, body: { keep: "ours" } },
};
