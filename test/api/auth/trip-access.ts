import { type Access, ROLES, type Role } from "../../../api/auth/roles.ts";

const everyone = ROLES;
const planning: readonly Role[] = ["manager", "admin"];

/** The access table of trips and drivers. */
export const TRIP_ACCESS: Readonly<Record<string, Access>> = {
  "GET /drivers": everyone,
  "POST /drivers": planning,
  "GET /drivers/{id}": everyone,
  "PUT /drivers/{id}": planning,
  "DELETE /drivers/{id}": planning,
  "GET /trips": everyone,
  "POST /trips": planning,
  "GET /trips/{id}": everyone,
  "PUT /trips/{id}": planning,
  "DELETE /trips/{id}": planning,
  "POST /trips/{id}/cancel": planning,
  "GET /trips/{id}/verification": everyone,
};
