import { MANAGEMENT, SIGNED_IN } from "../../auth/roles.ts";
import { registerCrudRoutes } from "../../http/crud-routes.ts";
import type { Endpoints } from "../../http/endpoint.ts";
import { findDriver, listDrivers } from "./queries.ts";
import { type Driver, driver, driverChange, newDriver } from "./schema.ts";

/** People who drive. They are common to all, like vehicles. */
export function registerDrivers(endpoints: Endpoints): void {
  registerCrudRoutes<Driver>(endpoints, {
    table: "drivers",
    noun: "driver",
    columns: ["name", "phone", "token"],
    access: { read: SIGNED_IN, write: MANAGEMENT },
    schemas: { response: driver, create: newDriver, change: driverChange },
    find: findDriver,
    list: listDrivers,
  });
}
