/** What a person may be. */
export const ROLES = ["admin", "manager", "operator", "sales", "viewer", "auditor"] as const;
export type Role = (typeof ROLES)[number];

/** Who may call a route: everybody without signing in, or these roles. */
export type Access = "public" | readonly Role[];

const everyone = ROLES;
const orders: readonly Role[] = ["sales", "operator", "manager", "admin"];
const handling: readonly Role[] = ["operator", "manager", "admin"];
const masterData: readonly Role[] = ["manager", "admin"];
const audit: readonly Role[] = ["manager", "auditor", "admin"];
const administration: readonly Role[] = ["admin"];

/** The one table of who may do what. A route that is not in it cannot be registered. */
export const ROUTE_ACCESS = {
  "POST /auth/login": "public",
  "POST /auth/setup": "public",
  "POST /auth/refresh": everyone,
  "POST /auth/logout": everyone,
  "GET /auth/me": everyone,
  "GET /.well-known/jwks.json": "public",
  "GET /users": administration,
  "POST /users": administration,
  "GET /users/{id}": administration,
  "PUT /users/{id}": administration,
  "DELETE /users/{id}": administration,
  "GET /audit": audit,

  "GET /shipments": everyone,
  "POST /shipments": handling,
  "GET /shipments/{id}": everyone,
  "PUT /shipments/{id}": handling,
  "GET /shipments/{id}/events": everyone,
  "GET /shipments/{id}/track": everyone,
  "GET /shipments/{id}/tags": everyone,
  "POST /shipments/{id}/load": handling,
  "POST /shipments/{id}/unload": handling,
  "POST /shipments/{id}/proof-of-delivery": handling,
  "POST /shipments/{id}/tags": handling,
  "GET /shipments/{id}/handling-units": everyone,
  "POST /shipments/{id}/handling-units": handling,
  "POST /shipments/{id}/handling-units/{unit_id}/unpack": handling,

  "GET /inventory-items": everyone,
  "POST /inventory-items": masterData,
  "GET /inventory-items/{id}": everyone,
  "GET /inventory-items/{id}/events": everyone,
  "PUT /inventory-items/{id}": handling,
  "PUT /reorder-points/{id}": masterData,
  "GET /cycle-counts": everyone,
  "POST /cycle-counts": handling,
  "GET /cycle-counts/{id}": everyone,
  "POST /cycle-counts/{id}/count": handling,

  "GET /locations": everyone,
  "POST /locations": masterData,
  "GET /locations/{id}": everyone,
  "PUT /locations/{id}": masterData,
  "DELETE /locations/{id}": masterData,
  "GET /items": everyone,
  "POST /items": masterData,
  "GET /items/{id}": everyone,
  "PUT /items/{id}": masterData,
  "DELETE /items/{id}": masterData,
  "GET /vehicles": everyone,
  "POST /vehicles": masterData,
  "GET /vehicles/{id}": everyone,
  "PUT /vehicles/{id}": masterData,
  "DELETE /vehicles/{id}": masterData,

  "GET /orders": everyone,
  "POST /orders": orders,
  "GET /orders/{id}": everyone,
  "PUT /orders/{id}": orders,

  "GET /devices": masterData,
  "POST /devices": masterData,
  "POST /devices/import": masterData,
  "GET /devices/{id}": masterData,
  "PUT /devices/{id}": masterData,
  "DELETE /devices/{id}": masterData,
  "POST /devices/{id}/credentials": masterData,
  "POST /devices/{id}/tokens": masterData,
  "POST /devices/{id}/commands": masterData,
  "GET /devices/{id}/commands": masterData,
  "GET /devices/{id}/commands/{command_id}": masterData,
  "GET /device-profiles": masterData,
  "POST /device-profiles": masterData,
  "DELETE /device-profiles/{id}": masterData,
  "POST /devices/{id}/calibrate": masterData,
  "GET /devices/{id}/readings": masterData,
  "GET /devices/{id}/quality": masterData,
  "GET /quarantine": masterData,
  "POST /quarantine/{id}/retry": masterData,
  "DELETE /quarantine/{id}": masterData,
  "POST /decoders/{name}/test": masterData,
  "GET /epc/{epc}": everyone,

  "GET /stream": everyone,
  "GET /livez": "public",
  "GET /readyz": "public",
  "GET /version": "public",
  "GET /openapi.json": "public",
  "GET /openapi-3.0.json": "public",
  "GET /asyncapi.json": "public",
  "GET /docs": "public",
} as const satisfies Record<string, Access>;

export type RouteName = keyof typeof ROUTE_ACCESS;

/** Topics of the live stream that not everybody may follow, by the rule of the resource they carry. */
export const maySeeDevices = (role: Role): boolean => masterData.includes(role);
/** Reorder points, sources and restock orders are a manager's. */
export const maySetRules = (role: Role): boolean => masterData.includes(role);
