import { type Doc, ErpnextDocuments, FrappeError, type Row } from "./erpnext-documents.ts";
import { type Answered, type Asked, type StandIn, startStandIn } from "./stand-in.ts";

export interface ErpnextStandIn extends StandIn {
  documents: ErpnextDocuments;
  apiKey: string;
  apiSecret: string;
  warehouse: string;
  item(code: string, values?: Record<string, unknown>): Doc;
  sell(customer: string, lines: readonly [code: string, qty: number, uom?: string, factor?: number][]): Doc;
  buy(supplier: string, lines: readonly [code: string, qty: number][]): Doc;
}

/** Doctypes whose rows belong to others: `parent` has to be named to read them. */
const CHILDREN: Readonly<Record<string, { parent: string; field: string }>> = {
  "Item Barcode": { parent: "Item", field: "barcodes" },
};

/**
 * ERPNext as its documentation describes it: `/api/resource/{DocType}` with `fields`, `filters`, `order_by`, `limit_start` and
 * `limit_page_length` (20 by default), `Authorization: token key:secret`, `docstatus` for submit and cancel, errors with `exc_type` and
 * `_server_messages`.
 */
export async function startErpnext(): Promise<ErpnextStandIn> {
  const documents = new ErpnextDocuments();
  const [apiKey, apiSecret] = ["4f1c2a", "9d0e"];

  const failed = (status: number, type: string, message: string): Answered => ({
    status,
    body: {
      exception: `frappe.exceptions.${type}: ${message}`,
      exc_type: type,
      _server_messages: JSON.stringify([JSON.stringify({ message, title: "Message", indicator: "red" })]),
    },
  });

  function listed(doctype: string, query: URLSearchParams): Answered {
    const child = CHILDREN[doctype];
    if (child !== undefined && query.get("parent") !== child.parent)
      return failed(403, "PermissionError", `parent of ${doctype} is required`);
    const fields = JSON.parse(query.get("fields") ?? '["name"]') as string[];
    const filters = JSON.parse(query.get("filters") ?? "[]") as [string, string, unknown][];
    const rows: Row[] =
      child === undefined
        ? documents.of(doctype)
        : documents
            .of(child.parent)
            .flatMap((doc) =>
              ((doc[child.field] ?? []) as Row[]).map((row, at) => ({ ...row, parent: doc.name, idx: at + 1 })),
            );
    const found = rows.filter((row) => filters.every((filter) => holds(row, filter)));
    const orders = (query.get("order_by") ?? "modified desc").split(",").map((each) => each.trim().split(" "));
    found.sort((a, b) => {
      for (const [by, way] of orders) {
        const [x, y] = [a[by!] as never, b[by!] as never];
        if (x !== y) return (x < y ? -1 : 1) * (way === "desc" ? -1 : 1);
      }
      return 0;
    });
    const start = Number(query.get("limit_start") ?? 0);
    const data = found.slice(start, start + Number(query.get("limit_page_length") ?? 20));
    return {
      status: 200,
      body: { data: data.map((row) => Object.fromEntries(fields.map((name) => [name, row[name] ?? null]))) },
    };
  }

  function answer({ method, url, headers, body }: Asked): Answered {
    if (headers.authorization !== `token ${apiKey}:${apiSecret}`)
      return failed(401, "AuthenticationError", "Invalid Authorization token");
    const [, api, kind, doctype, name] = url.pathname.split("/").map(decodeURIComponent);
    if (api !== "api") return { status: 404, body: "<h1>Not Found</h1>", headers: { "Content-Type": "text/html" } };
    if (kind === "method" && doctype === "frappe.auth.get_logged_user")
      return { status: 200, body: { message: "waystock@example.com" } };
    if (kind !== "resource" || doctype === undefined) return failed(404, "DoesNotExistError", "Not found");
    const data = (): Record<string, unknown> => JSON.parse(body) as Record<string, unknown>;
    if (name === undefined)
      return method === "POST"
        ? { status: 200, body: { data: documents.insert(doctype, data()) } }
        : listed(doctype, url.searchParams);
    if (method === "PUT") return { status: 200, body: { data: documents.update(doctype, name, data()) } };
    if (method === "DELETE") {
      documents.remove(doctype, name);
      return { status: 202, body: { message: "ok" } };
    }
    const found = documents.get(doctype, name);
    return found === undefined
      ? failed(404, "DoesNotExistError", `${doctype} ${name} not found`)
      : { status: 200, body: { data: found } };
  }

  const standIn = await startStandIn((asked) => {
    try {
      return answer(asked);
    } catch (error) {
      const { status, type, message } = error as FrappeError;
      return failed(status, type, message);
    }
  });

  documents.insert("Company", { company_name: "My Company" });
  const warehouse = documents.insert("Warehouse", {
    warehouse_name: "Stores",
    is_group: 0,
    company: "My Company",
  }).name;
  const ordered = (doctype: string, head: object, lines: readonly [string, number, string?, number?][]): Doc => {
    const items = lines.map(([item_code, qty, uom = "Nos", conversion_factor = 1]) => ({
      item_code,
      qty,
      uom,
      conversion_factor,
      rate: 10,
      warehouse,
    }));
    const dates = { transaction_date: "2026-03-01", delivery_date: "2026-03-08", schedule_date: "2026-03-08" };
    const order = documents.insert(doctype, { ...head, ...dates, company: "My Company", items });
    return documents.update(doctype, order.name, { docstatus: 1 });
  };
  return {
    ...standIn,
    documents,
    apiKey,
    apiSecret,
    warehouse,
    item: (code, values = {}) =>
      documents.insert("Item", {
        item_code: code,
        item_name: code,
        stock_uom: "Nos",
        is_stock_item: 1,
        has_variants: 0,
        disabled: 0,
        ...values,
      }),
    sell: (customer, lines) => ordered("Sales Order", { customer }, lines),
    buy: (supplier, lines) => ordered("Purchase Order", { supplier }, lines),
  };
}

function holds(row: Row, [field, operator, wanted]: [string, string, unknown]): boolean {
  const value = row[field] ?? null;
  switch (operator) {
    case "=":
      return value === wanted;
    case ">":
      return (value as number) > (wanted as number);
    case ">=":
      return (value as number) >= (wanted as number);
    case "in":
      return (wanted as unknown[]).includes(value);
    default:
      throw new FrappeError(417, "ValidationError", `Invalid filter: ${operator}`);
  }
}
