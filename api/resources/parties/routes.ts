import { registerCrudRoutes } from "../../http/crud-routes.ts";
import type { Endpoints } from "../../http/endpoint.ts";
import { PARTIES } from "./resource.ts";

/** Customers, suppliers, carriers and owners of goods. */
export function registerParties(endpoints: Endpoints): void {
  registerCrudRoutes(endpoints, PARTIES);
}
