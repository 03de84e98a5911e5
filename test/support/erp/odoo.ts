import { OdooCalls } from "./odoo-calls.ts";
import type { OdooError, OdooRow } from "./odoo-models.ts";
import { type Answered, type Asked, type StandIn, startStandIn } from "./stand-in.ts";

/** Arguments of `execute_kw` that have a place, by their names. */
const POSITIONAL: Readonly<Record<string, readonly string[]>> = {
  create: ["vals_list"],
  write: ["ids", "vals"],
  unlink: ["ids"],
  action_confirm: ["ids"],
  action_cancel: ["ids"],
  button_confirm: ["ids"],
  button_cancel: ["ids"],
  button_validate: ["ids"],
};

export interface OdooStandIn extends StandIn {
  models: OdooCalls;
  apiKey: string;
  user: string;
  database: string;
  warehouse: OdooRow;
  product(sku: string, values?: Record<string, unknown>): OdooRow;
  sell(lines: readonly [product: OdooRow, quantity: number, unit?: OdooRow][], partner?: OdooRow): OdooRow;
  buy(lines: readonly [product: OdooRow, quantity: number][], partner: OdooRow): OdooRow;
  partner(name: string, rank: "customer_rank" | "supplier_rank"): OdooRow;
  dozens: OdooRow;
  onHand(product: OdooRow): number;
}

/** What its dispatcher answers for an exception: its own kinds have a status each, a fault of Python is a fault of the server. */
function statusOf(exception: string): number {
  if (/MissingError|AttributeError/.test(exception)) return 404;
  if (exception.endsWith("LockError")) return 409;
  return exception.startsWith("odoo.exceptions.") || exception === "builtins.TypeError" ? 422 : 500;
}

/**
 * Odoo as its documentation describes it: the External JSON-2 API from 19 on (`POST /json/2/<model>/<method>`, bearer API key,
 * `X-Odoo-Database`, errors with HTTP statuses and `{name, message, arguments, context, debug}`), `/jsonrpc` before (errors in HTTP 200).
 * A call is one transaction: what fails has changed nothing.
 */
export async function startOdoo(version = "19.0"): Promise<OdooStandIn> {
  const models = new OdooCalls(Number(version.split(".")[0]));
  const [apiKey, user, database] = ["b8a3-api-key", "waystock@example.com", "shop"];

  function run(model: string, method: string, args: Record<string, unknown>): unknown {
    const before = structuredClone([...models.tables]);
    try {
      return models.call(model, method, args);
    } catch (error) {
      models.tables.clear();
      for (const [name, rows] of before) models.tables.set(name, rows);
      throw error;
    }
  }

  const failed = (status: number, name: string, message: string): Answered => ({
    status,
    body: { name, message, arguments: [message], context: {}, debug: "Traceback (most recent call last): …" },
  });

  function json2({ url, headers, body }: Asked, model: string, method: string): Answered {
    if (headers.authorization !== `bearer ${apiKey}`)
      return failed(401, "werkzeug.exceptions.Unauthorized", "Invalid apikey");
    if (headers["x-odoo-database"] !== database)
      return failed(404, "werkzeug.exceptions.NotFound", `no database for ${url.pathname}`);
    if (!headers["content-type"]?.startsWith("application/json"))
      return failed(415, "werkzeug.exceptions.UnsupportedMediaType", "application/json");
    try {
      return { status: 200, body: run(model, method, JSON.parse(body) as Record<string, unknown>) };
    } catch (error) {
      const { exception, message } = error as OdooError;
      return failed(statusOf(exception), exception, message);
    }
  }

  function jsonRpc({ body }: Asked): Answered {
    const { id, params } = JSON.parse(body) as {
      id: number;
      params: { service: string; method: string; args: unknown[] };
    };
    const { service, method, args } = params;
    const answer = (result: unknown): Answered => ({ status: 200, body: { jsonrpc: "2.0", id, result } });
    const refuse = (name: string, message: string): Answered => ({
      status: 200,
      body: {
        jsonrpc: "2.0",
        id,
        error: { code: 200, message: "Odoo Server Error", data: { name, message, debug: "Traceback" } },
      },
    });
    if (service === "common" && method === "version") return answer({ server_version: version, protocol_version: 1 });
    if (service === "common") return answer(args[0] === database && args[1] === user && args[2] === apiKey ? 2 : false);
    const [db, uid, password, model, name, positional, named] = args as [
      string,
      number,
      string,
      string,
      string,
      unknown[],
      object,
    ];
    if (db !== database || uid !== 2 || password !== apiKey)
      return refuse("odoo.exceptions.AccessDenied", "Access Denied");
    const known = POSITIONAL[name] ?? [];
    try {
      return answer(
        run(model, name, { ...named, ...Object.fromEntries(known.map((each, at) => [each, positional[at]])) }),
      );
    } catch (error) {
      const { exception, message } = error as OdooError;
      return refuse(exception, message);
    }
  }

  const standIn = await startStandIn((asked) => {
    const { pathname } = asked.url;
    if (models.major >= 19) {
      if (pathname === "/web/version")
        return { status: 200, body: { version_info: [models.major, 0, 0, "final", 0, ""], version } };
      const [, model, method] = /^\/json\/2\/([^/]+)\/([^/]+)$/.exec(pathname) ?? [];
      if (model !== undefined && asked.method === "POST") return json2(asked, model, method!);
    } else if (pathname === "/jsonrpc") return jsonRpc(asked);
    return { status: 404, body: "<h1>Not Found</h1>", headers: { "Content-Type": "text/html" } };
  });

  models.create("res.company", { name: "My Shop" });
  const unit = models.create("uom.uom", { name: "Units" });
  const dozens = models.create("uom.uom", { name: "Dozens" });
  const stock = models.create("stock.location", { name: "WH/Stock", usage: "internal" });
  models.create("stock.location", { name: "Customers", usage: "customer" });
  models.create("stock.location", { name: "Vendors", usage: "supplier" });
  models.create("stock.location", {
    name: "Inventory adjustment",
    usage: "inventory",
    ...(models.major < 18 && { scrap_location: false }),
  });
  const type = models.create("stock.picking.type", { name: "Internal Transfers", code: "internal" });
  const incoming = models.create("stock.picking.type", { name: "Receipts", code: "incoming" });
  const types = { int_type_id: type.id, in_type_id: incoming.id };
  const warehouse = models.create("stock.warehouse", { name: "Main", lot_stock_id: stock.id, ...types });
  models.write("stock.picking.type", incoming.id, { warehouse_id: warehouse.id });
  const unitField = models.major >= 19 ? "product_uom_id" : "product_uom";
  // Numbers of two stand-ins differ.
  let orders = models.major * 100;
  return {
    ...standIn,
    models,
    apiKey,
    user,
    database,
    warehouse,
    dozens,
    product: (sku, values = {}) =>
      models.create("product.product", {
        name: sku,
        default_code: sku,
        barcode: false,
        uom_id: unit.id,
        type: "consu",
        ...values,
      }),
    partner: (name, rank) =>
      models.create("res.partner", { name, customer_rank: 0, supplier_rank: 0, email: false, phone: false, [rank]: 1 }),
    sell(lines, partner) {
      orders += 1;
      const order = models.create("sale.order", {
        name: `S${String(orders).padStart(5, "0")}`,
        state: "draft",
        partner_id: partner?.id,
        warehouse_id: warehouse.id,
        date_order: "2026-03-01 08:00:00",
      });
      for (const [product, quantity, of = unit] of lines)
        models.create("sale.order.line", {
          name: "line",
          order_id: order.id,
          product_id: product.id,
          product_uom_qty: quantity,
          display_type: false,
          [unitField]: of.id,
        });
      models.call("sale.order", "action_confirm", { ids: [order.id] });
      return order;
    },
    buy(lines, partner) {
      orders += 1;
      const order = models.create("purchase.order", {
        name: `P${String(orders).padStart(5, "0")}`,
        state: "draft",
        partner_id: partner.id,
        picking_type_id: incoming.id,
        date_order: "2026-03-01 08:00:00",
      });
      for (const [product, quantity] of lines)
        models.create("purchase.order.line", {
          name: "line",
          order_id: order.id,
          product_id: product.id,
          product_qty: quantity,
          display_type: false,
          [unitField]: unit.id,
        });
      models.call("purchase.order", "button_confirm", { ids: [order.id] });
      return order;
    },
    onHand: (product) =>
      Number(
        models
          .table("stock.quant")
          .find((quant) => quant["product_id"] === product.id && quant["location_id"] === stock.id)?.["quantity"] ?? 0,
      ),
  };
}
