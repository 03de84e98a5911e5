import { createClock } from "./stand-in.ts";

export type OdooRow = Record<string, unknown> & { id: number };
type Link = [number, string] | false;

export class OdooError extends Error {
  readonly exception: string;
  constructor(exception: string, message: string) {
    super(message);
    this.exception = exception;
  }
}

const M2O: Readonly<Record<string, string>> = {
  uom_id: "uom.uom",
  product_uom: "uom.uom",
  product_uom_id: "uom.uom",
  product_id: "product.product",
  partner_id: "res.partner",
  warehouse_id: "stock.warehouse",
  lot_stock_id: "stock.location",
  location_id: "stock.location",
  location_dest_id: "stock.location",
  int_type_id: "stock.picking.type",
  in_type_id: "stock.picking.type",
  picking_type_id: "stock.picking.type",
  picking_id: "stock.picking",
  sale_line_id: "sale.order.line",
  purchase_line_id: "purchase.order.line",
  origin_returned_move_id: "stock.move",
  return_id: "stock.picking",
  owner_id: "res.partner",
};
const LINES_OF: Readonly<Record<string, { prefix: string }>> = {
  "sale.order": { prefix: "S" },
  "purchase.order": { prefix: "P" },
};
const ORDER_OF: Readonly<Record<string, string>> = {
  "sale.order.line": "sale.order",
  "purchase.order.line": "purchase.order",
};

/** The fields that differ between versions: `product_uom` of order lines was renamed in 19, `quantity_done` of moves in 17. */
export function fieldsOf(major: number, model: string): string[] {
  const common = ["id", "name", "display_name", "write_date", "create_date"];
  const own: Readonly<Record<string, readonly string[]>> = {
    "res.company": [],
    "uom.uom": [],
    "product.product": ["default_code", "barcode", "uom_id", "active", "type", ...(major >= 18 ? ["is_storable"] : [])],
    "res.partner": ["email", "phone", "customer_rank", "supplier_rank", "active"],
    "stock.warehouse": ["lot_stock_id", "int_type_id", "in_type_id", "active"],
    "stock.location": ["usage", "location_id", ...(major >= 18 ? [] : ["scrap_location"])],
    "stock.picking.type": ["warehouse_id", "code"],
    "sale.order": [
      ...[
        "state",
        "partner_id",
        "warehouse_id",
        "date_order",
        "order_line",
        "picking_ids",
        "origin",
        "client_order_ref",
      ],
    ],
    "purchase.order": [
      ...["state", "partner_id", "picking_type_id", "date_order", "order_line", "picking_ids", "origin", "partner_ref"],
    ],
    "sale.order.line": [
      "order_id",
      "product_id",
      "product_uom_qty",
      "qty_delivered",
      "display_type",
      major >= 19 ? "product_uom_id" : "product_uom",
    ],
    "purchase.order.line": [
      "order_id",
      "product_id",
      "product_qty",
      "qty_received",
      "display_type",
      major >= 19 ? "product_uom_id" : "product_uom",
    ],
    "stock.picking": [
      "state",
      "origin",
      "location_id",
      "location_dest_id",
      "picking_type_id",
      "move_ids",
      ...(major >= 17 ? ["return_id"] : []),
    ],
    "stock.move": [
      ...["product_id", "product_uom", "product_uom_qty", "state", "picking_id", "location_id", "location_dest_id"],
      ...["sale_line_id", "purchase_line_id", "origin_returned_move_id", "to_refund"],
      ...(major >= 17 ? ["quantity", "picked"] : ["quantity_done"]),
    ],
    "stock.quant": ["product_id", "location_id", "quantity", "owner_id"],
  };
  const fields = own[model];
  if (fields === undefined) throw new OdooError("odoo.exceptions.MissingError", `the model '${model}' does not exist`);
  // The name of a move went with 19.
  return [...common.filter((name) => !(name === "name" && model === "stock.move" && major >= 19)), ...fields];
}

/** Tables of a stand-in of Odoo: what its ORM does for the calls of the adapter. */
export class OdooModels {
  readonly tables = new Map<string, OdooRow[]>();
  readonly major: number;
  readonly #clock = createClock();
  #nextId = 1;

  constructor(major: number) {
    this.major = major;
  }

  table(model: string): OdooRow[] {
    const rows = this.tables.get(model) ?? [];
    this.tables.set(model, rows);
    return rows;
  }

  row(model: string, id: number): OdooRow {
    const row = this.table(model).find((each) => each.id === id);
    if (row === undefined)
      throw new OdooError(
        "odoo.exceptions.MissingError",
        `Record does not exist or has been deleted. (Record: ${model}(${id},))`,
      );
    return row;
  }

  create(model: string, values: Record<string, unknown>): OdooRow {
    const known = new Set([...fieldsOf(this.major, model), "name"]);
    const { move_ids: moves, order_line: lines, ...rest } = values;
    if (model in LINES_OF && rest["partner_id"] === undefined && lines !== undefined)
      throw new OdooError("odoo.exceptions.ValidationError", "The operation cannot be completed: Customer is required");
    for (const name of Object.keys(rest)) {
      if (!known.has(name) || (model === "stock.move" && name === "name" && this.major >= 19))
        throw new OdooError("builtins.ValueError", `Invalid field '${name}' in '${model}'`);
    }
    if (
      model === "product.product" &&
      rest["barcode"] &&
      this.table(model).some(({ barcode }) => barcode === rest["barcode"])
    )
      throw new OdooError("odoo.exceptions.ValidationError", "Barcode(s) already assigned");
    const id = this.#nextId;
    this.#nextId += 1;
    const defaults =
      model === "stock.picking"
        ? { state: "draft", name: `WH/INT/${id}` }
        : model === "stock.move"
          ? { state: "draft", ...this.done(0) }
          : model in LINES_OF
            ? {
                state: "draft",
                name: `${LINES_OF[model]!.prefix}9${String(id).padStart(4, "0")}`,
                date_order: "2026-03-02 08:00:00",
              }
            : {};
    const row = { id, active: true, ...defaults, ...rest, write_date: this.#clock() };
    this.table(model).push(row);
    for (const command of (moves ?? []) as [number, number, Record<string, unknown>][])
      this.create("stock.move", { ...command[2], picking_id: id });
    for (const command of (lines ?? []) as [number, number, Record<string, unknown>][])
      this.create(`${model}.line`, { ...this.#newLine(Number(command[2]["product_id"])), ...command[2], order_id: id });
    return row;
  }

  /** What a new line of a product gets by itself. */
  #newLine(product: number): Record<string, unknown> {
    const { name, uom_id } = this.row("product.product", product);
    return { name, display_type: false, [this.major >= 19 ? "product_uom_id" : "product_uom"]: uom_id };
  }

  write(model: string, id: number, values: Record<string, unknown>): void {
    const known = new Set(fieldsOf(this.major, model));
    for (const name of Object.keys(values)) {
      if (!known.has(name)) throw new OdooError("builtins.ValueError", `Invalid field '${name}' in '${model}'`);
    }
    Object.assign(this.row(model, id), values, { write_date: this.#clock() });
  }

  unlink(model: string, id: number): void {
    this.tables.set(
      model,
      this.table(model).filter((each) => each.id !== id),
    );
  }

  done = (quantity: number): Record<string, unknown> =>
    this.major >= 17 ? { quantity, picked: quantity > 0 } : { quantity_done: quantity };
  quantityOf = (move: OdooRow): number => Number(move[this.major >= 17 ? "quantity" : "quantity_done"] ?? 0);

  /** A value as `read` gives it: links with the name, lists of what points here. */
  value(model: string, row: OdooRow, field: string): unknown {
    if (field === "display_name") return row["name"] ?? `${row.id}`;
    if (field === "picking_ids") {
      const orderOf = model === "sale.order" ? "sale_line_id" : "purchase_line_id";
      const lines = new Set(
        this.table(`${model}.line`)
          .filter(({ order_id }) => order_id === row.id)
          .map(({ id }) => id),
      );
      const moves = this.table("stock.move").filter((move) => lines.has(Number(move[orderOf])));
      return [...new Set(moves.map(({ picking_id }) => Number(picking_id)))];
    }
    if (field === "order_line")
      return this.table(`${model}.line`)
        .filter(({ order_id }) => order_id === row.id)
        .map(({ id }) => id);
    if (field === "move_ids")
      return this.table("stock.move")
        .filter(({ picking_id }) => picking_id === row.id)
        .map(({ id }) => id);
    const target = field === "order_id" ? ORDER_OF[model] : M2O[field];
    const value = row[field];
    if (target === undefined) return value ?? false;
    return typeof value === "number" ? this.#link(target, value) : false;
  }

  #link(model: string, id: number): Link {
    const row = this.table(model).find((each) => each.id === id);
    return row === undefined ? false : [id, (row["name"] as string | undefined) ?? `${id}`];
  }
}
