import type { RequestExample } from "./request-example.ts";

/** Of what connects the platform with other systems. */
export const INTEGRATION_EXAMPLES: Readonly<Record<string, RequestExample>> = {
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
