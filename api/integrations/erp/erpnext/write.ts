import type { Made, Outgoing, SentItem } from "../adapter.ts";
import { ErpError } from "../erp-error.ts";
import { type Frappe, KEY_FIELD } from "./client.ts";
import { countOf, goodsOf, movementOf, orderOf } from "./drafts.ts";

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
          return post(kind, key, () => goodsOf(frappe, kind, content));
        case "movement":
          return post(kind, key, () => movementOf(company, content));
        case "count":
          return post(kind, key, () => countOf(frappe, company, content));
        case "item":
          return sendItem(content);
        case "sale":
        case "purchase":
          return post(kind, key, async () => orderOf(company, kind, content));
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
