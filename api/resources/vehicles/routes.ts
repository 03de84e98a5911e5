import { MANAGEMENT, SIGNED_IN } from "../../auth/roles.ts";
import { registerCrudRoutes } from "../../http/crud-routes.ts";
import type { Endpoints } from "../../http/endpoint.ts";
import { withCustomFields } from "../custom-fields/check-values.ts";
import { findVehicle, listVehicles } from "./queries.ts";
import { newVehicle, type Vehicle, vehicle, vehicleChange } from "./schema.ts";

const VEHICLES = withCustomFields<Vehicle>({
  table: "vehicles",
  noun: "vehicle",
  columns: ["name", "plate"],
  access: { read: SIGNED_IN, write: MANAGEMENT },
  schemas: { response: vehicle, create: newVehicle, change: vehicleChange },
  find: findVehicle,
  isLive: ({ position }) => position !== null,
  list: listVehicles,
});

export function registerVehicles(endpoints: Endpoints): void {
  registerCrudRoutes(endpoints, VEHICLES);
}
