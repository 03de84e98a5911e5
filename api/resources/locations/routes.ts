import { registerCrudRoutes } from "../../http/crud-routes.ts";
import type { Endpoints } from "../../http/endpoint.ts";
import { LOCATIONS } from "./resource.ts";
import { registerUtilisation } from "./utilisation-routes.ts";

export function registerLocations(endpoints: Endpoints): void {
  // Before `/locations/{id}`: its path would be an id there.
  registerUtilisation(endpoints);
  registerCrudRoutes(endpoints, LOCATIONS);
}
