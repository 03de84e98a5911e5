import type { Pool } from "pg";
import { MANAGEMENT, SIGNED_IN } from "../../auth/roles.ts";
import { registerCrudRoutes } from "../../http/crud-routes.ts";
import type { Endpoints } from "../../http/endpoint.ts";
import { invalid } from "../../http/problem.ts";
import { findLocation, isWithin, listLocations } from "./queries.ts";
import { location, locationChange, newLocation } from "./schema.ts";

export function registerLocations(endpoints: Endpoints, pool: Pool): void {
  registerCrudRoutes(endpoints, pool, {
    table: "locations",
    noun: "location",
    columns: ["name", "stage", "parent_id", "time_zone", "geofence", "capacity_units"],
    access: { read: SIGNED_IN, write: MANAGEMENT },
    schemas: { response: location, create: newLocation, change: locationChange },
    async checkChange(client, id, { parent_id: parentId }) {
      if (id !== null && typeof parentId === "number" && (await isWithin(client, parentId, id))) {
        throw invalid("/parent_id", "a location cannot lie within itself");
      }
    },
    find: findLocation,
    list: listLocations,
  });
}
