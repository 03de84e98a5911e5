import { MANAGEMENT, SIGNED_IN } from "../../auth/roles.ts";
import { registerCrudRoutes } from "../../http/crud-routes.ts";
import type { Endpoints } from "../../http/endpoint.ts";
import { invalid } from "../../http/problem.ts";
import { assertReferences } from "../../http/references.ts";
import { locationOfCode } from "../labels/label.ts";
import { findLocation, isWithin, listLocations } from "./queries.ts";
import { location, locationChange, newLocation } from "./schema.ts";
import { registerUtilisation } from "./utilisation-routes.ts";

export function registerLocations(endpoints: Endpoints): void {
  // Before `/locations/{id}`: its path would be an id there.
  registerUtilisation(endpoints);
  registerCrudRoutes(endpoints, {
    table: "locations",
    noun: "location",
    columns: [
      "name",
      "stage",
      "parent_id",
      "barcode",
      "time_zone",
      "geofence",
      "capacity_units",
      "capacity_litres",
      "capacity_kilograms",
    ],
    access: { read: SIGNED_IN, write: MANAGEMENT },
    schemas: { response: location, create: newLocation, change: locationChange },
    async checkChange(client, id, { parent_id: parentId, barcode }) {
      const labelled = typeof barcode === "string" ? locationOfCode(barcode) : undefined;
      if (labelled !== undefined && labelled !== id) {
        throw invalid("/barcode", `${String(barcode)} is what the label of location ${labelled} says`);
      }
      if (typeof parentId !== "number") return;
      await assertReferences(client, "locations", [{ pointer: "/parent_id", id: parentId }]);
      if (id !== null && (await isWithin(client, parentId, id))) {
        throw invalid("/parent_id", "a location cannot lie within itself");
      }
    },
    find: findLocation,
    list: listLocations,
  });
}
