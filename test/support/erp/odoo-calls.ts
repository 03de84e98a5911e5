import { fieldsOf, OdooError, OdooModels, type OdooRow } from "./odoo-models.ts";

type Arguments = Record<string, unknown>;
type Term = [string, string, unknown];

/** Methods of models, as far as the adapter and the tests call them. What the ORM would refuse is refused. */
export class OdooCalls extends OdooModels {
  call(model: string, method: string, args: Arguments): unknown {
    const ids = (args["ids"] ?? []) as number[];
    switch (method) {
      case "fields_get":
        return Object.fromEntries(fieldsOf(this.major, model).map((name) => [name, { type: "char" }]));
      case "search_read":
        return this.#search(model, args);
      case "create":
        return (args["vals_list"] as Arguments[]).map((values) => this.create(model, values).id);
      case "write":
        for (const id of ids) this.write(model, id, args["vals"] as Arguments);
        return true;
      case "unlink":
        for (const id of ids) this.unlink(model, id);
        return true;
      case "action_confirm":
        if (model === "purchase.order") break;
        for (const id of ids) {
          if (model === "stock.picking") this.#confirmPicking(id);
          else this.#confirmOrder(model, id);
        }
        return true;
      case "button_confirm":
        for (const id of ids) this.#confirmOrder(model, id);
        return true;
      case "action_cancel":
        // Of an order that was confirmed a person is asked first.
        if (model === "sale.order" && !(args["context"] as Arguments)?.["disable_cancel_warning"])
          return { type: "ir.actions.act_window", res_model: "sale.order.cancel", target: "new" };
        for (const id of ids) this.#cancel(model, id);
        return true;
      case "button_cancel":
        for (const id of ids) this.#cancel(model, id);
        return null;
      case "button_validate":
        for (const id of ids) this.#validate(id);
        return true;
    }
    throw new OdooError("builtins.AttributeError", `The method '${model}.${method}' does not exist`);
  }

  /** With an order its open transfers end. */
  #cancel(model: string, id: number): void {
    const pickings = model.endsWith(".order")
      ? (this.value(model, this.row(model, id), "picking_ids") as number[])
      : [];
    for (const picking of pickings) {
      if (this.row("stock.picking", picking)["state"] !== "done")
        this.write("stock.picking", picking, { state: "cancel" });
    }
    this.write(model, id, { state: "cancel" });
  }

  #search(model: string, { domain, fields, order = "id asc", limit, offset = 0, context }: Arguments): unknown[] {
    const known = new Set(fieldsOf(this.major, model));
    for (const name of fields as string[]) {
      if (!known.has(name)) throw new OdooError("builtins.ValueError", `Invalid field '${name}' on '${model}'`);
    }
    const isAll = (context as Arguments | undefined)?.["active_test"] === false;
    const [by, way] = String(order).split(" ");
    const rows = this.table(model)
      .filter(
        (row) =>
          (isAll || row["active"] !== false) && (domain as Term[]).every((term) => this.#holds(model, row, term)),
      )
      .toSorted((a, b) => {
        const [x, y] = [a[by!] as never, b[by!] as never];
        return (x < y ? -1 : x > y ? 1 : a.id - b.id) * (way === "desc" ? -1 : 1);
      })
      .slice(Number(offset), limit === undefined ? undefined : Number(offset) + Number(limit));
    return rows.map((row) => ({
      id: row.id,
      ...Object.fromEntries((fields as string[]).map((name) => [name, this.value(model, row, name)])),
    }));
  }

  #holds(model: string, row: OdooRow, [path, operator, wanted]: Term): boolean {
    const [field, further] = path.split(".") as [string, string | undefined];
    const raw =
      further === undefined ? (row[field] ?? false) : this.row("product.product", Number(row[field]))[further];
    switch (operator) {
      case "=":
        return raw === wanted;
      case "!=":
        return raw !== wanted;
      case ">":
        return (raw as number) > (wanted as number);
      case ">=":
        return (raw as number) >= (wanted as number);
      case "in":
        return (wanted as unknown[]).includes(raw);
      case "not in":
        return !(wanted as unknown[]).includes(raw);
      case "=like":
        return typeof raw === "string" && raw.endsWith(String(wanted).replace(/^%/, ""));
      case "child_of":
        return this.#isWithin(Number(raw), Number(wanted));
      default:
        throw new OdooError("builtins.ValueError", `Invalid operator '${operator}' in ${model}`);
    }
  }

  #isWithin(location: number, root: number): boolean {
    if (location === root) return true;
    const parent = this.table("stock.location").find(({ id }) => id === location)?.["location_id"];
    return typeof parent === "number" && this.#isWithin(parent, root);
  }

  /** An order that binds gets a transfer with a move for each line. */
  #confirmOrder(model: string, id: number): void {
    const isSale = model === "sale.order";
    const order = this.row(model, id);
    if (!["draft", "sent"].includes(String(order["state"]))) {
      if (!isSale) return;
      throw new OdooError("odoo.exceptions.UserError", "Some orders are not in a state requiring confirmation.");
    }
    this.write(model, id, { state: isSale ? "sale" : "purchase" });
    const type = isSale ? undefined : this.row("stock.picking.type", Number(order["picking_type_id"]));
    const warehouse = this.row("stock.warehouse", Number(isSale ? order["warehouse_id"] : type!["warehouse_id"]));
    const stock = Number(warehouse["lot_stock_id"]);
    const outside = this.table("stock.location").find(({ usage }) => usage === (isSale ? "customer" : "supplier"))!.id;
    const [from, to] = isSale ? [stock, outside] : [outside, stock];
    const lines = this.table(`${model}.line`).filter(({ order_id }) => order_id === id);
    this.#transfer(
      order,
      from,
      to,
      lines.map((line) => [line, Number(line[isSale ? "product_uom_qty" : "product_qty"])]),
      isSale,
    );
  }

  #transfer(order: OdooRow, from: number, to: number, lines: readonly [OdooRow, number][], isSale: boolean): void {
    const places = { location_id: from, location_dest_id: to };
    const picking = this.create("stock.picking", {
      ...places,
      origin: order["name"],
      picking_type_id: this.table("stock.picking.type")[0]!.id,
      state: "assigned",
    });
    picking["name"] = `WH/${isSale ? "OUT" : "IN"}/${picking.id}`;
    for (const [line, quantity] of lines) {
      const unit = line["product_uom_id"] ?? line["product_uom"];
      const of = isSale ? { sale_line_id: line.id } : { purchase_line_id: line.id };
      const move = {
        picking_id: picking.id,
        product_id: line["product_id"],
        product_uom: unit,
        product_uom_qty: quantity,
        state: "assigned",
      };
      this.create("stock.move", { ...move, ...places, ...of });
    }
  }

  #confirmPicking(id: number): void {
    this.write("stock.picking", id, { state: "assigned" });
    for (const move of this.#movesOf(id)) this.write("stock.move", move.id, { state: "assigned" });
  }

  #movesOf = (id: number): OdooRow[] =>
    this.table("stock.move").filter(({ picking_id, state }) => picking_id === id && state !== "cancel");

  /** What is done moves stock; what is left goes to a backorder, as with `skip_backorder`. */
  #validate(id: number): void {
    const picking = this.row("stock.picking", id);
    if (picking["state"] === "done")
      throw new OdooError("odoo.exceptions.UserError", "You cannot validate a transfer that is done.");
    if (picking["state"] === "draft") throw new OdooError("odoo.exceptions.UserError", "Confirm the transfer first.");
    const moves = this.#movesOf(id);
    if (!moves.some((move) => this.quantityOf(move) > 0))
      throw new OdooError(
        "odoo.exceptions.UserError",
        "You cannot validate a transfer if no quantities are reserved nor done.",
      );
    const rest: [OdooRow, number][] = [];
    for (const move of moves) {
      const quantity = this.quantityOf(move);
      const missing = Number(move["product_uom_qty"]) - quantity;
      if (missing > 0) rest.push([move, missing]);
      if (quantity === 0) {
        this.write("stock.move", move.id, { state: "cancel" });
        continue;
      }
      this.write("stock.move", move.id, { state: "done", product_uom_qty: quantity });
      this.move(Number(move["product_id"]), Number(move["location_id"]), -quantity * this.#factor(move));
      this.move(Number(move["product_id"]), Number(move["location_dest_id"]), quantity * this.#factor(move));
      const sign = move["to_refund"] === true ? -1 : 1;
      const origin =
        typeof move["origin_returned_move_id"] === "number"
          ? this.row("stock.move", move["origin_returned_move_id"])
          : move;
      this.#countLine("sale.order.line", origin["sale_line_id"], "qty_delivered", sign * quantity);
      this.#countLine("purchase.order.line", origin["purchase_line_id"], "qty_received", sign * quantity);
    }
    this.write("stock.picking", id, { state: "done" });
    if (rest.length === 0 || !rest.some(([move]) => move["sale_line_id"] || move["purchase_line_id"])) return;
    const [[first]] = rest as [[OdooRow, number]];
    const isSale = typeof first["sale_line_id"] === "number";
    const lineModel = isSale ? "sale.order.line" : "purchase.order.line";
    const lines = rest.map(([move, quantity]): [OdooRow, number] => [
      this.row(lineModel, Number(move["sale_line_id"] ?? move["purchase_line_id"])),
      quantity,
    ]);
    const order = this.row(isSale ? "sale.order" : "purchase.order", Number(lines[0]![0]["order_id"]));
    this.#transfer(order, Number(picking["location_id"]), Number(picking["location_dest_id"]), lines, isSale);
  }

  #countLine(model: string, id: unknown, field: string, change: number): void {
    if (typeof id !== "number") return;
    const line = this.row(model, id);
    this.write(model, id, { [field]: Number(line[field] ?? 0) + change });
  }

  /** Units of a dozen hold twelve. */
  #factor = (move: OdooRow): number => (this.row("uom.uom", Number(move["product_uom"]))["name"] === "Dozens" ? 12 : 1);

  move(product: number, location: number, change: number): void {
    const known = this.table("stock.quant").find(
      (quant) => quant["product_id"] === product && quant["location_id"] === location,
    );
    if (known === undefined)
      this.create("stock.quant", { product_id: product, location_id: location, quantity: change });
    else this.write("stock.quant", known.id, { quantity: Number(known["quantity"]) + change });
  }
}
