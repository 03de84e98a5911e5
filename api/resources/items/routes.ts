import { registerCrudRoutes } from "../../http/crud-routes.ts";
import type { Endpoints } from "../../http/endpoint.ts";
import { ITEMS } from "./resource.ts";

export function registerItems(endpoints: Endpoints): void {
  registerCrudRoutes(endpoints, ITEMS);
}
