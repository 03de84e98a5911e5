import type { Access } from "../../../api/auth/roles.ts";
import { hidden, type Trial } from "./limited-trial.ts";

const WEBHOOKS = [
  "GET /webhooks",
  "POST /webhooks",
  "GET /webhooks/{id}",
  "PUT /webhooks/{id}",
  "DELETE /webhooks/{id}",
  "GET /webhooks/{id}/secrets",
  "POST /webhooks/{id}/secrets",
  "DELETE /webhooks/{id}/secrets/{secret_id}",
  "GET /webhooks/{id}/deliveries",
  "POST /webhooks/{id}/replay",
  "POST /webhooks/{id}/test",
] as const;

const ERP = [
  "GET /erp",
  "GET /erp/connections",
  "POST /erp/connections",
  "GET /erp/connections/{id}",
  "PUT /erp/connections/{id}",
  "DELETE /erp/connections/{id}",
  "POST /erp/connections/{id}/sync",
  "POST /erp/connections/{id}/test",
  "GET /erp/connections/{id}/documents",
  "GET /erp/conflicts",
  "POST /erp/conflicts/{id}/resolve",
] as const;

/** Who may call what connects the platform with other systems. */
export const INTEGRATION_ACCESS: Readonly<Record<string, Access>> = {
  ...Object.fromEntries(WEBHOOKS.map((route) => [route, ["admin"]])),
  ...Object.fromEntries(ERP.map((route) => [route, ["admin"]])),
  "GET /assistants": ["manager", "auditor", "admin"],
  "GET /event-log": ["manager", "auditor", "admin"],
};

/** It is about the whole installation: nothing of it exists under limits. */
export const INTEGRATION_TRIALS: Readonly<Record<string, Trial>> = Object.fromEntries(
  Object.keys(INTEGRATION_ACCESS).map((route) => [route, hidden()]),
);
