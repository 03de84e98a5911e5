import { z } from "zod";
import type { ErpLevel, ErpOrder, ErpRecord, Page, PullKind } from "../adapter.ts";
import { ErpError } from "../erp-error.ts";
import { type Document, type Filter, type Frappe, KEY_FIELD } from "./client.ts";

const SOURCES: Readonly<Record<PullKind, { doctype: string; filters: readonly Filter[]; fields: readonly string[] }>> =
  {
    item: {
      doctype: "Item",
      filters: [
        ["is_stock_item", "=", 1],
        ["has_variants", "=", 0],
      ],
      fields: ["item_name", "stock_uom", "disabled"],
    },
    location: { doctype: "Warehouse", filters: [["is_group", "=", 0]], fields: ["warehouse_name"] },
    customer: { doctype: "Customer", filters: [], fields: ["customer_name", "email_id", "mobile_no"] },
    supplier: { doctype: "Supplier", filters: [], fields: ["supplier_name", "email_id", "mobile_no"] },
    sale: { doctype: "Sales Order", filters: [["docstatus", ">", 0]], fields: [] },
    purchase: { doctype: "Purchase Order", filters: [["docstatus", ">", 0]], fields: [] },
  };

const maybe = z
  .string()
  .nullish()
  .transform((value) => value || null);
const item = z.object({ name: z.string(), item_name: maybe, stock_uom: z.string(), disabled: z.number().default(0) });
const line = z.object({
  name: z.string(),
  item_code: z.string(),
  qty: z.number(),
  uom: z.string(),
  warehouse: maybe,
});
const order = z.object({
  name: z.string(),
  modified: z.string(),
  docstatus: z.number(),
  status: z.string().default(""),
  customer: maybe,
  supplier: maybe,
  transaction_date: maybe,
  set_warehouse: maybe,
  [KEY_FIELD]: maybe,
  items: z.array(line),
});

export function createErpnextReader(frappe: Frappe, company: string | undefined) {
  /** Of several companies in one ERPNext, one is ours. */
  const ofCompany = (kind: PullKind): Filter[] =>
    company !== undefined && (kind === "location" || kind === "sale" || kind === "purchase")
      ? [["company", "=", company]]
      : [];

  async function recordsOf(kind: PullKind, rows: readonly Document[]): Promise<ErpRecord[]> {
    const base = ({ name, modified }: Document) => ({ id: name, number: name, modified: String(modified) });
    switch (kind) {
      case "item": {
        const barcodes = await barcodesOf(rows.map(({ name }) => name));
        return rows.map((row) => {
          const { name, item_name, stock_uom: unit, disabled } = item.parse(row);
          const barcode = barcodes.get(name) ?? null;
          return { ...base(row), kind, sku: name, name: item_name ?? name, barcode, unit, isActive: disabled === 0 };
        });
      }
      case "location":
        return rows.map((row) => ({ ...base(row), kind, name: row.name }));
      case "customer":
      case "supplier":
        return rows.map((row) => {
          const [email, phone] = [maybe.parse(row["email_id"]), maybe.parse(row["mobile_no"])];
          return { ...base(row), kind, name: maybe.parse(row[`${kind}_name`]) ?? row.name, email, phone };
        });
      case "sale":
      case "purchase": {
        const orders: ErpOrder[] = [];
        // The list returns no lines: each order is read on its own.
        for (const { name } of rows) {
          const document = await frappe.get(SOURCES[kind].doctype, name);
          if (document !== undefined) orders.push(orderOf(kind, document));
        }
        return withoutServices(orders);
      }
    }
  }

  async function barcodesOf(names: readonly string[]): Promise<Map<string, string>> {
    if (names.length === 0) return new Map();
    const rows = await frappe.list("Item Barcode", {
      parent: "Item",
      fields: ["parent", "barcode", "idx"],
      filters: [["parent", "in", names]],
      order: "parent asc, idx desc",
      limit: 1_000,
    });
    return new Map(rows.map((row) => [String(row["parent"]), String(row["barcode"])]));
  }

  async function withoutServices(orders: ErpOrder[]): Promise<ErpOrder[]> {
    const codes = [...new Set(orders.flatMap(({ lines }) => lines.map(({ itemId }) => itemId)))];
    const services = new Set<string>();
    for (let from = 0; from < codes.length; from += 100) {
      const filters: Filter[] = [
        ["name", "in", codes.slice(from, from + 100)],
        ["is_stock_item", "=", 0],
      ];
      for (const { name } of await frappe.list("Item", { fields: ["name"], filters, limit: 100 })) services.add(name);
    }
    return orders.map((each) => ({ ...each, lines: each.lines.filter(({ itemId }) => !services.has(itemId)) }));
  }

  return {
    async newest(kind: PullKind): Promise<string | undefined> {
      const { doctype, filters } = SOURCES[kind];
      const all = [...filters, ...ofCompany(kind)];
      const [row] = await frappe.list(doctype, {
        fields: ["name", "modified"],
        filters: all,
        order: "modified desc",
        limit: 1,
      });
      return row === undefined ? undefined : String(row["modified"]);
    },
    async page(kind: PullKind, { since, after, limit }: Page): Promise<ErpRecord[]> {
      const { doctype, filters, fields } = SOURCES[kind];
      const where: Filter[] = [...filters, ...ofCompany(kind)];
      if (since !== undefined) where.push(["modified", ">=", since]);
      if (after !== undefined) where.push(["name", ">", after]);
      const asked = { fields: ["name", "modified", ...fields], filters: where, order: "name asc", limit };
      return recordsOf(kind, await frappe.list(doctype, asked));
    },
    async read(kind: PullKind, id: string): Promise<ErpRecord | undefined> {
      const document = await frappe.get(SOURCES[kind].doctype, id);
      return document === undefined ? undefined : (await recordsOf(kind, [document]))[0];
    },
    async existing(kind: PullKind, ids: readonly string[]): Promise<ReadonlySet<string>> {
      const filters: Filter[] = [["name", "in", ids]];
      const rows = await frappe.list(SOURCES[kind].doctype, { fields: ["name"], filters, limit: ids.length });
      return new Set(rows.map(({ name }) => name));
    },
    async levels(itemIds: readonly string[], warehouseIds: readonly string[]): Promise<ErpLevel[]> {
      const shape = z.object({ item_code: z.string(), warehouse: z.string(), actual_qty: z.number() });
      const known = new Map<string, number>();
      const limit = itemIds.length * warehouseIds.length;
      const filters: Filter[] = [
        ["item_code", "in", itemIds],
        ["warehouse", "in", warehouseIds],
      ];
      for (const row of await frappe.list("Bin", {
        fields: ["name", "item_code", "warehouse", "actual_qty"],
        filters,
        limit,
      })) {
        const { item_code, warehouse, actual_qty } = shape.parse(row);
        known.set(JSON.stringify([item_code, warehouse]), actual_qty);
      }
      // There is no bin before the first movement.
      return itemIds.flatMap((itemId) =>
        warehouseIds.map((warehouseId) => {
          const quantity = known.get(JSON.stringify([itemId, warehouseId])) ?? 0;
          return { itemId, warehouseId, quantity };
        }),
      );
    },
  };
}

function orderOf(kind: "sale" | "purchase", document: Document): ErpOrder {
  const parsed = order.safeParse(document);
  if (!parsed.success)
    throw new ErpError(
      "away",
      `ERPNext describes ${document.name} in a way that is not known here: ${parsed.error.issues[0]?.path.join(".")}`,
    );
  const {
    name,
    modified,
    docstatus,
    status,
    customer,
    supplier,
    transaction_date: date,
    items,
    set_warehouse,
    [KEY_FIELD]: key,
  } = parsed.data;
  const warehouses = new Set(items.map(({ warehouse }) => warehouse ?? set_warehouse));
  // Goods of several warehouses are orders of their own here, which nobody has asked for.
  const warehouseId =
    warehouses.size === 1 ? [...warehouses][0]! : warehouses.size === 0 ? null : [...warehouses].join(" and ");
  const state = docstatus === 2 ? "cancelled" : docstatus === 0 ? "draft" : status === "Closed" ? "closed" : "open";
  return {
    kind,
    id: name,
    number: name,
    modified,
    state,
    partnerId: kind === "sale" ? customer : supplier,
    warehouseId,
    date,
    key,
    lines: items.map(({ name: id, item_code: itemId, qty: quantity, uom: unit }) => ({ id, itemId, quantity, unit })),
  };
}
