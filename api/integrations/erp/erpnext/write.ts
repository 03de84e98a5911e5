import {
  ErpError,
  type Made,
  type OrderGoods,
  type Outgoing,
  type SentItem,
  type SentOrder,
  type StockChange,
} from "../adapter.ts";
import { type Document, type Frappe, KEY_FIELD } from "./client.ts";

const DOCTYPES = {
  sale: "Sales Order",
  purchase: "Purchase Order",
  delivery: "Delivery Note",
  receipt: "Purchase Receipt",
  movement: "Stock Entry",
  count: "Stock Reconciliation",
} as const;
type StockKind = keyof typeof DOCTYPES;

const DRAFT = 0;
const SUBMITTED = 1;
const CANCELLED = 2;

/**
 * Writes to ERPNext. A document is drafted with our key and then submitted; what was begun and not finished is found by the key.
 * What was submitted is cancelled, never changed; a right one that follows names it as amended.
 */
export function createErpnextWriter(frappe: Frappe, company: string | undefined) {
  const ready = new Map<string, Promise<void>>();

  /** Makes the field for our keys where it is missing. */
  function withField(doctype: string): Promise<void> {
    const known = ready.get(doctype);
    if (known !== undefined) return known;
    const made = (async () => {
      const filters = [
        ["dt", "=", doctype],
        ["fieldname", "=", KEY_FIELD],
      ] as const;
      const found = await frappe.list("Custom Field", { fields: ["name"], filters, limit: 1 });
      if (found.length > 0) return;
      await frappe.create("Custom Field", {
        dt: doctype,
        fieldname: KEY_FIELD,
        label: "Waystock Key",
        fieldtype: "Data",
        unique: 1,
        read_only: 1,
        no_copy: 1,
      });
    })();
    ready.set(doctype, made);
    // What failed is tried again.
    made.catch(() => ready.delete(doctype));
    return made;
  }

  async function find(kind: StockKind, key: string): Promise<{ name: string; docstatus: number } | undefined> {
    await withField(DOCTYPES[kind]);
    const filters = [[KEY_FIELD, "=", key]] as const;
    const [row] = await frappe.list(DOCTYPES[kind], { fields: ["name", "docstatus"], filters, limit: 1 });
    return row === undefined ? undefined : { name: row.name, docstatus: Number(row["docstatus"]) };
  }

  async function post(kind: StockKind, key: string, draft: () => Promise<object>): Promise<Made> {
    const doctype = DOCTYPES[kind];
    let known = await find(kind, key);
    if (known === undefined) {
      const made = await frappe.create(doctype, { ...(await draft()), [KEY_FIELD]: key });
      known = { name: made.name, docstatus: DRAFT };
    }
    if (known.docstatus === DRAFT) await frappe.update(doctype, known.name, { docstatus: SUBMITTED });
    if (known.docstatus === CANCELLED) throw new ErpError("refused", `somebody has cancelled ${known.name} in ERPNext`);
    return { id: known.name, number: known.name };
  }

  async function goodsOf(kind: "delivery" | "receipt", { orderId, lines, reference }: OrderGoods): Promise<object> {
    const doctype = kind === "delivery" ? "Sales Order" : "Purchase Order";
    const order = await frappe.get(doctype, orderId);
    if (order === undefined) throw new ErpError("refused", `${orderId} is not in ERPNext any longer`);
    const of = new Map((order["items"] as Document[]).map((each) => [each.name, each]));
    const items = lines.map(({ lineId, itemId, quantity }) => {
      const line = of.get(lineId);
      if (line === undefined) throw new ErpError("refused", `${orderId} has no line ${lineId} any longer`);
      const link =
        kind === "delivery"
          ? { against_sales_order: orderId, so_detail: lineId }
          : { purchase_order: orderId, purchase_order_item: lineId };
      const { warehouse = order["set_warehouse"], uom, conversion_factor = 1, rate = 0 } = line;
      return { item_code: itemId, qty: quantity, uom, conversion_factor, rate, warehouse, ...link };
    });
    const partner = kind === "delivery" ? { customer: order["customer"] } : { supplier: order["supplier"] };
    return { ...partner, company: order["company"], items, remarks: reference };
  }

  /** Units, prices and taxes are those that ERPNext gives a new row of the item. */
  function orderOf(kind: "sale" | "purchase", { partnerId, warehouseId, date, lines }: SentOrder): object {
    const isSale = kind === "sale";
    const due = isSale ? { delivery_date: date } : { schedule_date: date };
    const items = lines.map(({ itemId, quantity }) => ({
      ...{ item_code: itemId, qty: quantity, warehouse: warehouseId },
      ...due,
    }));
    return {
      ...(isSale ? { customer: partnerId } : { supplier: partnerId }),
      ...(company !== undefined && { company }),
      ...{ transaction_date: date, set_warehouse: warehouseId, items },
      ...due,
    };
  }

  async function movementOf({ itemId, warehouseId, delta }: StockChange): Promise<object> {
    const isReceipt = delta > 0;
    const place = isReceipt ? { t_warehouse: warehouseId } : { s_warehouse: warehouseId };
    return {
      stock_entry_type: isReceipt ? "Material Receipt" : "Material Issue",
      ...(company !== undefined && { company }),
      items: [{ item_code: itemId, qty: Math.abs(delta), ...place, allow_zero_valuation_rate: 1 }],
    };
  }

  /** A reconciliation says how many there are: what ERPNext has now, and what was counted more or less. */
  async function countOf({ itemId, warehouseId, delta }: StockChange): Promise<object> {
    const filters = [
      ["item_code", "=", itemId],
      ["warehouse", "=", warehouseId],
    ] as const;
    const [bin] = await frappe.list("Bin", { fields: ["name", "actual_qty", "valuation_rate"], filters, limit: 1 });
    const qty = Number(bin?.["actual_qty"] ?? 0) + delta;
    if (qty < 0) throw new ErpError("refused", `${itemId} would be ${qty} in ${warehouseId}: count it there, too`);
    const line = { item_code: itemId, warehouse: warehouseId, qty, allow_zero_valuation_rate: 1 };
    return { purpose: "Stock Reconciliation", ...(company !== undefined && { company }), items: [line] };
  }

  async function sendItem({ itemId, sku, name, barcode, unit }: SentItem): Promise<Made> {
    const known = await frappe.get("Item", itemId ?? sku);
    const barcodes = barcode === null ? {} : { barcodes: [{ barcode }] };
    if (known === undefined) {
      await frappe.create("Item", {
        item_code: sku,
        item_name: name,
        stock_uom: unit,
        item_group: "All Item Groups",
        is_stock_item: 1,
        ...barcodes,
      });
    } else if (itemId !== undefined) {
      await frappe.update("Item", known.name, { item_name: name, ...barcodes });
    }
    return { id: known?.name ?? sku, number: sku };
  }

  return {
    async send({ key, ...document }: Outgoing): Promise<Made> {
      const { kind, content } = document;
      switch (kind) {
        case "delivery":
        case "receipt":
          return post(kind, key, () => goodsOf(kind, content));
        case "movement":
          return post(kind, key, () => movementOf(content));
        case "count":
          return post(kind, key, () => countOf(content));
        case "item":
          return sendItem(content);
        case "sale":
        case "purchase":
          return post(kind, key, async () => orderOf(kind, content));
      }
    },
    async reverse({ key, kind }: Outgoing): Promise<void> {
      if (kind === "item") throw new ErpError("refused", "an item is not taken back");
      const known = await find(kind, key);
      if (known?.docstatus === SUBMITTED) await frappe.update(DOCTYPES[kind], known.name, { docstatus: CANCELLED });
      // A draft did nothing yet.
      if (known?.docstatus === DRAFT) await frappe.remove(DOCTYPES[kind], known.name);
    },
  };
}
