import { MANAGEMENT, SIGNED_IN } from "../../auth/roles.ts";
import { registerCrudRoutes } from "../../http/crud-routes.ts";
import type { Endpoints } from "../../http/endpoint.ts";
import { findVehicle, listVehicles } from "./queries.ts";
import { newVehicle, vehicle, vehicleChange } from "./schema.ts";

export function registerVehicles(endpoints: Endpoints): void {
  registerCrudRoutes(endpoints, {
    table: "vehicles",
    noun: "vehicle",
    columns: ["name", "plate"],
    access: { read: SIGNED_IN, write: MANAGEMENT },
    schemas: { response: vehicle, create: newVehicle, change: vehicleChange },
    find: findVehicle,
    list: listVehicles,
  });
}
