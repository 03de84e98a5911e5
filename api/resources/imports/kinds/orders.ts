import { isDeepStrictEqual } from "node:util";
import type { PoolClient } from "pg";
import type { Reader } from "../../../auth/limits.ts";
import { changeBetween } from "../../../http/audit/changes.ts";
import { invalid } from "../../../http/problem.ts";
import { lockRow } from "../../../http/rows.ts";
import { validate } from "../../../http/validate.ts";
import { CellProblem, type CellFormat, partsOf, readCell } from "../../../tables/columns.ts";
import type { ImportRow, RowProblem } from "../../../tables/row.ts";
import { changeOrder, placeOrder } from "../../orders/place-order.ts";
import { findOrdersNamed, getOrder, listOrders, orderView, type StoredOrder } from "../../orders/queries.ts";
import { newOrder, orderChange } from "../../orders/schema.ts";
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
import { CUSTOMER, idsByName, ITEM, LOCATION, resolveNames, SHIP_TO, SUPPLIER } from "./names.ts";

interface NamedLine {
  sku: string;
  quantity: number;
}

/** Lines as `sku:quantity; …`, or as JSON. */
const lines: CellFormat = {
  read(text) {
    if (text.trimStart().startsWith("[")) return readCell("json", text, false);
    return partsOf(text).map((part): NamedLine => {
      const [, sku, quantity] = /^(.+?)\s*:\s*(\d+)$/.exec(part) ?? [];
      if (sku === undefined) throw new CellProblem(`"${part.slice(0, 40)}" is no line of an order: write sku:quantity`);
      return { sku, quantity: Number(quantity) };
    });
  },
  write(value) {
    const named = value as NamedLine[];
    // What parts the lines may stand in a SKU.
    if (named.some(({ sku }) => sku.includes(";"))) return JSON.stringify(named);
    return named.map(({ sku, quantity }) => `${sku}:${quantity}`).join("; ");
  },
};

async function applyOrders(
  client: PoolClient,
  rows: readonly ImportRow[],
  context: ImportContext,
): Promise<RowResult[]> {
  await client.query("SELECT pg_advisory_xact_lock(hashtext('waystock import'), hashtext('orders'))");
  const named = await resolveNames(client, rows, [CUSTOMER, SUPPLIER, LOCATION, SHIP_TO]);
  const skus = await idsByName(
    client,
    ITEM,
    rows.flatMap(({ fields }) => linesOf(fields["lines"])).map(({ sku }) => sku),
  );
  const ids = rows.map(({ fields }) => fields["id"]).filter((id) => Number.isInteger(id)) as number[];
  const known = await findOrdersNamed(client, ids, rows.map(({ fields }) => fields["reference"]).filter(isText));
  const changes: ImportedChange[] = [];
  const results = await eachRow(client, rows, async ({ line }, at): Promise<Outcome> => {
    const { fields, problems } = named[at]!;
    const faults = [...problems, ...putItems(fields, skus)];
    if (faults.length > 0) throw asProblem(faults);
    const { id: _, kind, status, ...rest } = fields;
    const existing = matchOf(fields, known);
    const subject = (id: number) => `/orders/${id}`;
    if (existing === undefined) {
      const id = await placeOrder(client, context.principal, validate(newOrder, { kind, ...rest }, "body"));
      if (status !== undefined && status !== "draft") {
        await changeOrder(client, context.principal, id, validate(orderChange, { status }, "body"));
      }
      changes.push({ line, subject: subject(id), ...changeBetween(undefined, orderView(await getOrder(client, id))) });
      return "created";
    }
    await lockRow(client, "orders", existing.id);
    const before = await getOrder(client, existing.id);
    const differing = differingFrom(before, validate(orderChange, { status, ...rest }, "body"));
    if (Object.keys(differing).length === 0) return "unchanged";
    await changeOrder(client, context.principal, existing.id, differing);
    const between = changeBetween(orderView(before), orderView(await getOrder(client, existing.id)));
    changes.push({ line, subject: subject(existing.id), ...between });
    return "updated";
  });
  await context.audit(client, changes);
  return results;
}

/** By its id, else by its kind and reference. @throws Problem 400 where that is none, or several */
function matchOf(
  { id, kind, reference }: Readonly<Record<string, unknown>>,
  known: readonly StoredOrder[],
): StoredOrder | undefined {
  if (id !== undefined) {
    const order = known.find((each) => each.id === id);
    if (order === undefined) throw invalid("/id", "there is no order with this id");
    if (kind !== undefined && kind !== order.kind)
      throw invalid("/kind", `it is a ${order.kind} order, which cannot change`);
    return order;
  }
  const [order, other] = known.filter((each) => each.reference === reference && each.kind === kind);
  if (other !== undefined) throw invalid("/reference", `several ${other.kind} orders have this reference: give the id`);
  return order;
}

const linesOf = (value: unknown): NamedLine[] =>
  Array.isArray(value) ? value.filter((line): line is NamedLine => isText((line as NamedLine | null)?.sku)) : [];

/** Puts the ids of items in the place of their SKUs. @returns what is wrong with them */
function putItems(fields: Record<string, unknown>, skus: ReadonlyMap<string, readonly number[]>): RowProblem[] {
  const { lines } = fields;
  if (!Array.isArray(lines)) return [];
  const unknown = linesOf(lines).filter(({ sku }) => !skus.has(sku));
  fields["lines"] = lines.map((line: unknown) => {
    if (!isText((line as NamedLine | null)?.sku)) return line;
    const { sku, ...rest } = line as NamedLine;
    return { item_id: skus.get(sku)?.[0], ...rest };
  });
  return unknown.map(({ sku }) => ({ column: "lines", message: `there is no item "${sku}"` }));
}

/** What a row says that is not so yet. */
function differingFrom(before: StoredOrder, given: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const current: Record<string, unknown> = {
    ...before,
    lines: before.lines.map(({ item_id, quantity }) => ({ item_id, quantity })),
  };
  return Object.fromEntries(
    Object.entries(given).filter(([name, value]) => value !== undefined && !isDeepStrictEqual(value, current[name])),
  );
}

export const ordersKind: ImportKind = {
  name: "orders",
  key: "id, else kind and reference",
  columns: {
    id: "integer",
    kind: "word",
    reference: "text",
    status: "word",
    customer_id: "integer",
    customer: "text",
    supplier_id: "integer",
    supplier: "text",
    location_id: "integer",
    location: "text",
    ship_to_id: "integer",
    ship_to: "text",
    order_date: "word",
    lines,
  },
  namesOf({ id, kind, reference }) {
    if (id !== undefined) return [`id:${JSON.stringify(id)}`];
    if (!isText(kind)) return { column: "kind", message: "a value is needed: customer, restock, transfer or return" };
    if (!isText(reference)) return { column: "reference", message: "a value is needed" };
    return [JSON.stringify([kind, reference])];
  },
  apply: applyOrders,
  async page(db, after, limit, filters = {}) {
    const { kind, status, customer_id: customerId } = filters as Partial<Record<string, never>>;
    const filter = { after: after as number | undefined, kind, status, customerId };
    const orders = await listOrders(db, { ...filter, limit: limit + 1 });
    const names = await namesIn(db, orders);
    return exportPage(orders, limit, (order) => ({
      ...order,
      customer: names.get(`party ${order.customer_id}`),
      supplier: names.get(`party ${order.supplier_id}`),
      location: names.get(`location ${order.location_id}`),
      // Of the other kinds it is the location already, or not known.
      ship_to_id: order.kind === "transfer" ? order.ship_to_id : undefined,
      ship_to: order.kind === "transfer" ? names.get(`location ${order.ship_to_id}`) : undefined,
      lines: order.lines.map(({ item_id, quantity }) => ({ sku: names.get(`item ${item_id}`), quantity })),
    }));
  },
};

/** What the parties, places and items of these orders are called. */
async function namesIn(db: Reader, orders: readonly StoredOrder[]): Promise<Map<string, string>> {
  const { rows } = await db.query<{ thing: string; name: string }>(
    `SELECT 'party ' || id AS thing, name FROM parties WHERE id = ANY($1::int[])
    UNION ALL SELECT 'location ' || id, name FROM locations WHERE id = ANY($2::int[])
    UNION ALL SELECT 'item ' || id, sku FROM items WHERE id = ANY($3::int[])`,
    [
      orders.flatMap(({ customer_id, supplier_id }) => [customer_id, supplier_id]),
      orders.flatMap(({ location_id, ship_to_id }) => [location_id, ship_to_id]),
      orders.flatMap((order) => order.lines.map(({ item_id }) => item_id)),
    ],
  );
  return new Map(rows.map(({ thing, name }) => [thing, name]));
}
