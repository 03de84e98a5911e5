import { listed } from "./no-page.ts";

const SECRETS = "administration/notification-rules/webhook-secrets.tsx";
const ERP = "panels/integrations/erp";
const HOOKS = "panels/integrations/webhooks";

/** Of each operation that connects the platform with other systems the file of the page that makes its request. */
export const PAGES_OF_INTEGRATIONS = {
  "GET /webhooks": `${HOOKS}/webhooks.tsx`,
  "POST /webhooks": `${HOOKS}/webhooks.tsx`,
  "GET /webhooks/{id}": listed,
  "PUT /webhooks/{id}": `${HOOKS}/webhook-row.tsx`,
  "DELETE /webhooks/{id}": `${HOOKS}/webhook-row.tsx`,
  "GET /webhooks/{id}/secrets": SECRETS,
  "POST /webhooks/{id}/secrets": SECRETS,
  "DELETE /webhooks/{id}/secrets/{secret_id}": SECRETS,
  "GET /webhooks/{id}/deliveries": `${HOOKS}/deliveries.tsx`,
  "POST /webhooks/{id}/replay": `${HOOKS}/deliveries.tsx`,
  "POST /webhooks/{id}/test": `${HOOKS}/deliveries.tsx`,
  "GET /erp": `${ERP}/erp.tsx`,
  "GET /erp/connections": `${ERP}/erp.tsx`,
  "POST /erp/connections": `${ERP}/erp.tsx`,
  "GET /erp/connections/{id}": listed,
  "PUT /erp/connections/{id}": `${ERP}/connection-row.tsx`,
  "DELETE /erp/connections/{id}": `${ERP}/connection-row.tsx`,
  "POST /erp/connections/{id}/sync": `${ERP}/connection-row.tsx`,
  "POST /erp/connections/{id}/test": `${ERP}/connection-row.tsx`,
  "GET /erp/connections/{id}/documents": `${ERP}/documents.tsx`,
  "GET /erp/conflicts": `${ERP}/conflicts.tsx`,
  "POST /erp/conflicts/{id}/resolve": `${ERP}/conflicts.tsx`,
  "GET /assistants": "panels/integrations/assistants/assistants.tsx",
  "GET /event-log": "panels/integrations/event-log/event-log.tsx",
} as const;
