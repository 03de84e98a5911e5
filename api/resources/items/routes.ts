import { MANAGEMENT, SIGNED_IN } from "../../auth/roles.ts";
import { registerCrudRoutes } from "../../http/crud-routes.ts";
import type { Endpoints } from "../../http/endpoint.ts";
import { assertParties } from "../../http/references.ts";
import { notifyStockOfItemChanged } from "../inventory/notify.ts";
import { checkItemCodes } from "./item-codes.ts";
import { checkUnits } from "./units.ts";
import { findItem, listItems } from "./queries.ts";
import { item, itemChange, newItem } from "./schema.ts";

export function registerItems(endpoints: Endpoints): void {
  registerCrudRoutes(endpoints, {
    table: "items",
    noun: "item",
    columns: [
      "sku",
      "name",
      "gtin",
      "barcode",
      "base_unit",
      "packs",
      "unit_weight_grams",
      "unit_volume_litres",
      "value_cents",
      "currency",
      "supplier_id",
    ],
    access: { read: SIGNED_IN, write: MANAGEMENT },
    schemas: { response: item, create: newItem, change: itemChange },
    async checkChange(client, id, change) {
      await assertParties(client, "supplier", [
        { pointer: "/supplier_id", id: change["supplier_id"] as number | null },
      ]);
      await checkUnits(client, id, change);
      await checkItemCodes(client, id, change);
    },
    afterChange: notifyStockOfItemChanged,
    find: findItem,
    list: listItems,
  });
}
