import type { Pool } from "pg";
import { MANAGEMENT, SIGNED_IN } from "../../auth/roles.ts";
import { registerCrudRoutes } from "../../http/crud-routes.ts";
import type { Endpoints } from "../../http/endpoint.ts";
import { checkItemCodes } from "./item-codes.ts";
import { findItem, listItems } from "./queries.ts";
import { item, itemChange, newItem } from "./schema.ts";

export function registerItems(endpoints: Endpoints, pool: Pool): void {
  registerCrudRoutes(endpoints, pool, {
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
      "value_cents",
      "currency",
      "supplier_id",
    ],
    access: { read: SIGNED_IN, write: MANAGEMENT },
    schemas: { response: item, create: newItem, change: itemChange },
    checkChange: checkItemCodes,
    find: findItem,
    list: listItems,
  });
}
