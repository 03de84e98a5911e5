import type { PoolClient } from "pg";
import { MANAGEMENT, SIGNED_IN } from "../../auth/roles.ts";
import type { CrudResource, RowChange } from "../../http/crud-routes.ts";
import { Problem } from "../../http/problem.ts";
import { assertParties } from "../../http/references.ts";
import { notifyStockOfItemChanged } from "../inventory/notify.ts";
import { withCustomFields } from "../custom-fields/check-values.ts";
import { checkItemCodes } from "./item-codes.ts";
import { findItem, listItems } from "./queries.ts";
import { type Item, item, itemChange, newItem } from "./schema.ts";
import { checkUnits } from "./units.ts";

export const ITEMS: CrudResource<Item> = withCustomFields({
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
    "storage_category",
  ],
  access: { read: SIGNED_IN, write: MANAGEMENT },
  schemas: { response: item, create: newItem, change: itemChange },
  async checkChange(client, id, change) {
    const [problem] = await checkItems(client, [{ id, change }]);
    if (problem) throw problem;
  },
  checkChanges: checkItems,
  afterChange: notifyStockOfItemChanged,
  find: findItem,
  list: listItems,
});

async function checkItems(client: PoolClient, changes: readonly RowChange[]): Promise<(Problem | undefined)[]> {
  const problems: (Problem | undefined)[] = [];
  for (const { id, change } of changes) problems.push(await checkReferences(client, id, change));
  const codes = await checkItemCodes(client, changes);
  return problems.map((problem, at) => problem ?? codes[at]);
}

async function checkReferences(
  client: PoolClient,
  id: number | null,
  change: RowChange["change"],
): Promise<Problem | undefined> {
  try {
    await assertParties(client, "supplier", [{ pointer: "/supplier_id", id: change["supplier_id"] as number | null }]);
    await checkUnits(client, id, change);
    return undefined;
  } catch (error) {
    if (error instanceof Problem) return error;
    throw error;
  }
}
