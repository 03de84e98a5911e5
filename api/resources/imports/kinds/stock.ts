import type { PoolClient } from "pg";
import type { Subject } from "../../../../ingest/domain/fact.ts";
import { recordFacts } from "../../../http/record-facts.ts";
import { validate } from "../../../http/validate.ts";
import { addStockPosition } from "../../inventory/add-position.ts";
import { countedByPerson } from "../../inventory/facts.ts";
import { setStockRules } from "../../inventory/queries.ts";
import { newInventoryItem } from "../../inventory/schema.ts";
import { type StockRow, findStockRows, listStockRows } from "../stock-queries.ts";
import { eachRow } from "./each-row.ts";
import {
  asProblem,
  exportPage,
  type ImportContext,
  type ImportedChange,
  type ImportKind,
  isText,
  type Outcome,
  type RowResult,
} from "./kind.ts";
import { ITEM, LOCATION, OWNER, resolveNames } from "./names.ts";
import type { ImportRow } from "../../../tables/row.ts";

/**
 * Levels go through the ledger: a quantity is a person's count, with the import and the line as its evidence. One that is known
 * already is not counted again.
 */
async function applyStock(
  client: PoolClient,
  rows: readonly ImportRow[],
  context: ImportContext,
): Promise<RowResult[]> {
  await client.query("SELECT pg_advisory_xact_lock(hashtext('waystock import'), hashtext('stock'))");
  const named = await resolveNames(client, rows, [ITEM, LOCATION, OWNER]);
  const known = await findStockRows(
    client,
    named.map(({ fields }) => fields),
  );
  const facts: ReturnType<typeof countedByPerson>[] = [];
  const refold: Subject[] = [];
  const changes: ImportedChange[] = [];
  const results = await eachRow(client, rows, async ({ line }, at): Promise<Outcome> => {
    const { fields, problems } = named[at]!;
    if (problems.length > 0) throw asProblem(problems);
    const { quantity, ...given } = validate(newInventoryItem, fields, "body");
    const existing = known.find((each) => isAt(each, given));
    const note = `import ${context.importId}, line ${line}`;
    if (existing === undefined) {
      const id = await addStockPosition(client, context.principal, given);
      if (quantity !== undefined) facts.push(countedByPerson(context.principal, id, quantity, note));
      refold.push(`stock:${id}`);
      changes.push({ line, subject: `/inventory-items/${id}`, after: { id, ...given, quantity } });
      return "created";
    }
    const change = changeOf(existing, { ...given, quantity });
    if (Object.keys(change).length === 0) return "unchanged";
    const { quantity: counted, ...rules } = change;
    if (Object.keys(rules).length > 0) await setStockRules(client, existing.id, rules);
    if (counted !== undefined) facts.push(countedByPerson(context.principal, existing.id, counted, note));
    refold.push(`stock:${existing.id}`);
    const before = Object.fromEntries(Object.keys(change).map((name) => [name, existing[name as keyof StockRow]]));
    changes.push({ line, subject: `/inventory-items/${existing.id}`, before, after: { ...change } });
    return "updated";
  });
  if (refold.length > 0) await recordFacts(client, { facts, refold });
  await context.audit(client, changes);
  return results;
}

interface Place {
  item_id: number;
  location_id: number;
  owner_id?: number | null | undefined;
  condition: string;
}

const isAt = (row: StockRow, { item_id, location_id, owner_id, condition }: Place): boolean =>
  row.item_id === item_id &&
  row.location_id === location_id &&
  row.owner_id === (owner_id ?? null) &&
  row.condition === condition;

interface StockChange {
  quantity?: number;
  reorder_point?: number | null;
  source?: string;
}

/** What a row says that is not so yet. */
function changeOf(
  existing: StockRow,
  given: { quantity?: number | undefined; reorder_point?: number | null | undefined; source?: string | undefined },
): StockChange {
  const { quantity, reorder_point: point, source } = given;
  return {
    ...(quantity !== undefined && quantity !== existing.quantity && { quantity }),
    ...(point !== undefined && point !== existing.reorder_point && { reorder_point: point }),
    ...(source !== undefined && source !== existing.source && { source }),
  };
}

export const stockKind: ImportKind = {
  name: "stock",
  key: "item, location, owner and condition",
  columns: {
    sku: "word",
    item_id: "integer",
    location: "text",
    location_id: "integer",
    owner: "text",
    owner_id: "integer",
    condition: "word",
    quantity: "integer",
    reorder_point: "integer",
    source: "word",
  },
  namesOf({ sku, item_id: itemId, location, location_id: locationId, owner, owner_id: ownerId, condition }) {
    if (!isText(sku) && itemId === undefined) return { column: "sku", message: "a value is needed" };
    if (!isText(location) && locationId === undefined) return { column: "location", message: "a value is needed" };
    return [JSON.stringify([itemId ?? sku, locationId ?? location, ownerId ?? owner, condition ?? "good"])];
  },
  apply: applyStock,
  async page(db, after, limit) {
    return exportPage(await listStockRows(db, after as number | undefined, limit + 1), limit, (row) => ({ ...row }));
  },
};
