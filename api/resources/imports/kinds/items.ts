import { findItemsBySku, listItems } from "../../items/queries.ts";
import { ITEMS } from "../../items/resource.ts";
import type { Item } from "../../items/schema.ts";
import { CellProblem, type CellFormat, jsonObject, partsOf, wordList } from "../../../tables/columns.ts";
import { exportPage, type ImportKind, isText } from "./kind.ts";
import { applyMasterData, type MasterData } from "./master-data.ts";
import { SUPPLIER } from "./names.ts";

/** Packs as `unit:quantity:gtin; …`; a pack without a GTIN as `unit:quantity`. */
const packs: CellFormat = {
  read: (text) => partsOf(text).map(packOf),
  write: (value) =>
    (value as Item["packs"])
      .map((each) => each as { unit: string; quantity: number; gtin?: string | null })
      .map(({ unit, quantity, gtin }) => [unit, quantity, ...(isText(gtin) ? [gtin] : [])].join(":"))
      .join("; "),
};

function packOf(text: string): object {
  const [, unit, quantity, gtin] = /^(.+?)\s*:\s*(\d+)(?:\s*:\s*(\d*))?$/.exec(text) ?? [];
  if (unit === undefined)
    throw new CellProblem(`"${text.slice(0, 40)}" is no pack: write unit:quantity or unit:quantity:gtin`);
  return { unit, quantity: Number(quantity), ...(isText(gtin) && { gtin }) };
}

const items: MasterData<Item> = {
  resource: ITEMS,
  names: [SUPPLIER],
  async find(client, rows) {
    const known = await findItemsBySku(
      client,
      rows.map(({ sku }) => String(sku).trim()),
    );
    const bySku = new Map(known.map((item) => [item.sku, item]));
    return rows.map(({ sku }) => bySku.get(String(sku).trim()));
  },
};

export const itemsKind: ImportKind = {
  name: "items",
  key: "sku",
  columns: {
    sku: "word",
    name: "text",
    gtin: "word",
    barcode: "text",
    base_unit: "word",
    packs,
    unit_weight_grams: "number",
    unit_volume_litres: "number",
    value_cents: "integer",
    currency: "word",
    supplier_id: "integer",
    supplier: "text",
    storage_category: "word",
    tags: wordList,
    attributes: jsonObject,
  },
  namesOf({ sku, gtin, barcode, packs }) {
    if (!isText(sku)) return { column: "sku", message: "a value is needed" };
    const inPacks = Array.isArray(packs) ? packs.map((pack) => (pack as { gtin?: unknown } | null)?.gtin) : [];
    // A GTIN of 14 digits and one of 13 may be the same.
    const codes = [sku, gtin, barcode, ...inPacks]
      .filter(isText)
      .map((code) => `code:${code.trim().replace(/^0+/, "")}`);
    return [`sku:${sku.trim()}`, ...new Set(codes)];
  },
  apply: (client, rows, context) => applyMasterData(items, client, rows, context),
  async page(db, after, limit, { q } = {}) {
    const rows = await listItems(db, {
      after: after as number | undefined,
      q: q as string | undefined,
      limit: limit + 1,
      filters: {},
    });
    const suppliers = rows.flatMap(({ supplier_id }) => supplier_id ?? []);
    const names = await db.query<{ id: number; name: string }>(
      "SELECT id, name FROM parties WHERE id = ANY($1::int[])",
      [suppliers],
    );
    const nameOf = new Map(names.rows.map(({ id, name }) => [id, name]));
    return exportPage(rows, limit, (item) => ({ ...item, supplier: nameOf.get(item.supplier_id ?? 0) }));
  },
};
