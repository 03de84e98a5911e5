import { MANAGEMENT, SIGNED_IN } from "../../auth/roles.ts";
import type { CrudResource } from "../../http/crud-routes.ts";
import { invalid } from "../../http/problem.ts";
import { assertReferences } from "../../http/references.ts";
import { locationOfCode } from "../labels/label.ts";
import { findLocation, isWithin, listLocations } from "./queries.ts";
import { withCustomFields } from "../custom-fields/check-values.ts";
import { type Location, location, locationChange, locationKind, newLocation } from "./schema.ts";

export const LOCATIONS: CrudResource<Location> = withCustomFields({
  table: "locations",
  noun: "location",
  columns: [
    "name",
    "stage",
    "parent_id",
    "barcode",
    "gln",
    "time_zone",
    "geofence",
    "capacity_units",
    "capacity_litres",
    "capacity_kilograms",
    "kind",
    "storage_category",
  ],
  access: { read: SIGNED_IN, write: MANAGEMENT },
  schemas: { response: location, create: newLocation, change: locationChange },
  filters: { kind: locationKind.optional() },
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
