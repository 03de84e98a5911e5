import { canManage, MANAGEMENT, SIGNED_IN } from "../../auth/roles.ts";
import { registerCrudRoutes } from "../../http/crud-routes.ts";
import type { Endpoints } from "../../http/endpoint.ts";
import type { Versioned } from "../../http/response.ts";
import { findDriver, listDrivers } from "./queries.ts";
import { type Driver, driver, driverChange, newDriver } from "./schema.ts";

/**
 * People who drive. They are common to all, like vehicles. The number of a card is not: whoever knows it can print one, and sign on as that
 * driver.
 */
export function registerDrivers(endpoints: Endpoints): void {
  registerCrudRoutes<Driver>(endpoints, {
    table: "drivers",
    noun: "driver",
    columns: ["name", "phone", "token"],
    access: { read: SIGNED_IN, write: MANAGEMENT },
    schemas: { response: driver, create: newDriver, change: driverChange },
    find: findDriver,
    list: listDrivers,
    shownTo: (row, role) => (canManage(role) ? row : withoutToken(row)),
    // Who becomes a manager sees more of the same version.
    isLive: ({ token }) => token !== null,
  });
}

function withoutToken(row: Versioned<Driver>): Versioned<Driver> {
  const { token: _, ...shown } = row;
  return shown;
}
