import { createClock } from "./stand-in.ts";

export type Doc = Record<string, unknown> & { name: string; doctype: string; docstatus: number; modified: string };
export type Row = Record<string, unknown> & { name: string };

export class FrappeError extends Error {
  readonly status: number;
  readonly type: string;
  constructor(status: number, type: string, message: string) {
    super(message);
    this.status = status;
    this.type = type;
  }
}
const refuse = (message: string): never => {
  throw new FrappeError(417, "ValidationError", message);
};

/** How a new document gets its name. */
const NAMED_BY: Readonly<Record<string, (data: Record<string, unknown>, nr: number) => string>> = {
  Item: ({ item_code }) => String(item_code),
  Customer: ({ customer_name }) => String(customer_name),
  Supplier: ({ supplier_name }) => String(supplier_name),
  Warehouse: ({ warehouse_name }) => `${String(warehouse_name)} - MC`,
  Company: ({ company_name }) => String(company_name),
  "Custom Field": ({ dt, fieldname }) => `${String(dt)}-${String(fieldname)}`,
  "Sales Order": (_, nr) => `SAL-ORD-2026-${String(nr).padStart(5, "0")}`,
  "Purchase Order": (_, nr) => `PUR-ORD-2026-${String(nr).padStart(5, "0")}`,
  "Delivery Note": (_, nr) => `MAT-DN-2026-${String(nr).padStart(5, "0")}`,
  "Purchase Receipt": (_, nr) => `MAT-PRE-2026-${String(nr).padStart(5, "0")}`,
  "Stock Entry": (_, nr) => `MAT-STE-2026-${String(nr).padStart(5, "0")}`,
  "Stock Reconciliation": (_, nr) => `MAT-RECO-2026-${String(nr).padStart(5, "0")}`,
  Bin: (_, nr) => `bin${nr}`,
};
const SUBMITTABLE = new Set([
  "Sales Order",
  "Purchase Order",
  "Delivery Note",
  "Purchase Receipt",
  "Stock Entry",
  "Stock Reconciliation",
]);

/** Documents of a stand-in of ERPNext: drafts, submitting and cancelling, and what they do to bins. */
export class ErpnextDocuments {
  readonly documents = new Map<string, Doc>();
  readonly #clock = createClock();
  #nr = 0;

  of = (doctype: string): Doc[] => [...this.documents.values()].filter((each) => each.doctype === doctype);
  get = (doctype: string, name: string): Doc | undefined => this.documents.get(`${doctype}/${name}`);
  #modified = (): string => `${this.#clock()}.${String(this.#nr % 1_000_000).padStart(6, "0")}`;

  insert(doctype: string, data: Record<string, unknown>): Doc {
    const naming = NAMED_BY[doctype];
    if (naming === undefined) throw new FrappeError(404, "DoesNotExistError", `DocType ${doctype} not found`);
    this.#nr += 1;
    const name = naming(data, this.#nr);
    if (this.get(doctype, name)) throw new FrappeError(409, "DuplicateEntryError", `${doctype} ${name} already exists`);
    for (const [field, value] of Object.entries(data)) {
      if (!field.startsWith("custom_")) continue;
      // A field that nobody has made is dropped, as Frappe does.
      if (!this.get("Custom Field", `${doctype}-${field}`)) delete data[field];
      else if (this.of(doctype).some((each) => each[field] === value)) {
        throw new FrappeError(417, "UniqueValidationError", `${doctype} with ${field} ${String(value)} exists`);
      }
    }
    const isOrder = doctype === "Sales Order" || doctype === "Purchase Order";
    if (isOrder) this.#checkOrder(doctype, data);
    const items = (data["items"] as Record<string, unknown>[] | undefined)?.map((row, at) => ({
      name: `${name}-row${at + 1}`,
      idx: at + 1,
      // What a new row of an item gets by itself.
      ...(isOrder && { uom: this.get("Item", String(row["item_code"]))?.["stock_uom"], conversion_factor: 1, rate: 0 }),
      ...row,
    }));
    const doc: Doc = { ...data, ...(items && { items }), doctype, name, docstatus: 0, modified: this.#modified() };
    this.#check(doc);
    this.documents.set(`${doctype}/${name}`, doc);
    return doc;
  }

  update(doctype: string, name: string, change: Record<string, unknown>): Doc {
    const doc = this.get(doctype, name);
    if (doc === undefined) throw new FrappeError(404, "DoesNotExistError", `${doctype} ${name} not found`);
    const to = change["docstatus"] ?? doc.docstatus;
    if (doc.docstatus === 2) refuse("Cannot edit cancelled document");
    if (doc.docstatus === 1 && to === 1) refuse("Not allowed to change after submission");
    if (doc.docstatus === 0 && to === 2) refuse("Cannot cancel before submitting. See Transition 0->2");
    if (to !== doc.docstatus && !SUBMITTABLE.has(doctype)) refuse(`${doctype} cannot be submitted`);
    const before = structuredClone([...this.documents]);
    try {
      Object.assign(doc, change, { modified: this.#modified() });
      if (to === 1) this.#submit(doc);
      if (to === 2) this.#cancel(doc);
    } catch (error) {
      this.documents.clear();
      for (const [key, each] of before) this.documents.set(key, each);
      throw error;
    }
    return doc;
  }

  /** It was changed by what the API has no call for. */
  touch(doc: Doc): void {
    doc.modified = this.#modified();
  }

  remove(doctype: string, name: string): void {
    if (this.get(doctype, name)?.docstatus === 1)
      refuse(`Submitted Record cannot be deleted. You must Cancel it first.`);
    this.documents.delete(`${doctype}/${name}`);
  }

  /** What an order must say, and in which words it is refused. */
  #checkOrder(doctype: string, data: Record<string, unknown>): void {
    const [party, due, words] =
      doctype === "Sales Order"
        ? (["Customer", "delivery_date", "Please enter Delivery Date"] as const)
        : (["Supplier", "schedule_date", "Please enter Reqd by Date"] as const);
    const name = data[party.toLowerCase()] as string | undefined;
    if (name === undefined) throw new FrappeError(417, "MandatoryError", `[${doctype}]: ${party.toLowerCase()}`);
    if (!this.get(party, name)) throw new FrappeError(417, "LinkValidationError", `Could not find ${party}: ${name}`);
    const rows = (data["items"] ?? []) as Record<string, unknown>[];
    if (rows.some((row) => (row[due] ?? data[due]) === undefined)) refuse(words);
  }

  #check(doc: Doc): void {
    for (const { item_code, warehouse, s_warehouse, t_warehouse } of (doc["items"] ?? []) as Row[]) {
      const item = this.get("Item", String(item_code));
      if (item === undefined)
        throw new FrappeError(417, "LinkValidationError", `Could not find Item: ${String(item_code)}`);
      for (const place of [warehouse, s_warehouse, t_warehouse] as (string | undefined)[]) {
        if (place !== undefined && !this.get("Warehouse", place))
          throw new FrappeError(417, "LinkValidationError", `Could not find Warehouse: ${place}`);
      }
    }
  }

  #submit(doc: Doc): void {
    const items = (doc["items"] ?? []) as Row[];
    if (doc.doctype === "Sales Order" || doc.doctype === "Purchase Order") doc["status"] = "To Deliver and Bill";
    for (const row of items) {
      const qty = Number(row["qty"]) * Number(row["conversion_factor"] ?? 1);
      if (doc.doctype === "Delivery Note") {
        this.#deliver("Sales Order", row["against_sales_order"], row["so_detail"], "delivered_qty", Number(row["qty"]));
        this.#move(row["item_code"], row["warehouse"], -qty);
      } else if (doc.doctype === "Purchase Receipt") {
        this.#deliver(
          "Purchase Order",
          row["purchase_order"],
          row["purchase_order_item"],
          "received_qty",
          Number(row["qty"]),
        );
        this.#move(row["item_code"], row["warehouse"], qty);
      } else if (doc.doctype === "Stock Entry") {
        if (row["s_warehouse"] !== undefined) this.#move(row["item_code"], row["s_warehouse"], -qty);
        if (row["t_warehouse"] !== undefined) this.#move(row["item_code"], row["t_warehouse"], qty);
      } else if (doc.doctype === "Stock Reconciliation") {
        const difference = Number(row["qty"]) - this.onHand(String(row["item_code"]), String(row["warehouse"]));
        if (difference === 0) refuse("None of the items have any change in quantity or value.");
        row["quantity_difference"] = difference;
        this.#move(row["item_code"], row["warehouse"], difference);
      }
    }
  }

  #cancel(doc: Doc): void {
    for (const row of (doc["items"] ?? []) as Row[]) {
      const qty = Number(row["qty"]) * Number(row["conversion_factor"] ?? 1);
      if (doc.doctype === "Delivery Note") {
        this.#deliver(
          "Sales Order",
          row["against_sales_order"],
          row["so_detail"],
          "delivered_qty",
          -Number(row["qty"]),
        );
        this.#move(row["item_code"], row["warehouse"], qty);
      } else if (doc.doctype === "Purchase Receipt") {
        this.#deliver(
          "Purchase Order",
          row["purchase_order"],
          row["purchase_order_item"],
          "received_qty",
          -Number(row["qty"]),
        );
        this.#move(row["item_code"], row["warehouse"], -qty);
      } else if (doc.doctype === "Stock Entry") {
        if (row["s_warehouse"] !== undefined) this.#move(row["item_code"], row["s_warehouse"], qty);
        if (row["t_warehouse"] !== undefined) this.#move(row["item_code"], row["t_warehouse"], -qty);
      } else if (doc.doctype === "Stock Reconciliation")
        this.#move(row["item_code"], row["warehouse"], -Number(row["quantity_difference"]));
    }
    if (doc.doctype === "Sales Order" || doc.doctype === "Purchase Order") doc["status"] = "Cancelled";
  }

  #deliver(doctype: string, order: unknown, row: unknown, field: string, change: number): void {
    const found = this.get(doctype, String(order));
    if (found === undefined) return;
    if (found.docstatus !== 1) refuse(`${doctype} ${found.name} is not submitted`);
    const line =
      (found["items"] as Row[]).find(({ name }) => name === row) ?? refuse(`${String(row)} is no row of ${found.name}`);
    line[field] = Number(line[field] ?? 0) + change;
    if (Number(line[field]) > Number(line["qty"]))
      refuse(
        `This document is over limit by ${Number(line[field]) - Number(line["qty"])} for item ${String(line["item_code"])}`,
      );
    // Status fields are set without the document's other checks, but its time of change moves on.
    found.modified = this.#modified();
  }

  onHand = (item: string, warehouse: string): number =>
    Number(
      this.of("Bin").find((bin) => bin["item_code"] === item && bin["warehouse"] === warehouse)?.["actual_qty"] ?? 0,
    );

  #move(item: unknown, warehouse: unknown, change: number): void {
    const bin =
      this.of("Bin").find((each) => each["item_code"] === item && each["warehouse"] === warehouse) ??
      this.insert("Bin", { item_code: item, warehouse, actual_qty: 0 });
    const after = Number(bin["actual_qty"]) + change;
    if (after < 0)
      throw new FrappeError(
        417,
        "NegativeStockError",
        `${-after} units of Item ${String(item)} needed in Warehouse ${String(warehouse)} to complete this transaction.`,
      );
    bin["actual_qty"] = after;
  }
}
