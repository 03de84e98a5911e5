import { z } from "zod";
import type { ErpLevel, ErpOrder, ErpRecord, Page, PullKind } from "../adapter.ts";
import { ErpError } from "../erp-error.ts";
import type { CallOdoo } from "./rpc.ts";

type Domain = readonly unknown[];

/** A link to a record: its id and name, or false. */
const link = z.union([z.tuple([z.number(), z.string()]), z.literal(false)]);
const text = z.union([z.string(), z.literal(false)]).transform((value) => (value === false ? null : value));
const idOf = (value: z.output<typeof link>): string | null => (value === false ? null : String(value[0]));

const row = z.looseObject({ id: z.number(), write_date: z.string() });
type Row = z.output<typeof row>;

/** What is read of each kind, and from where. Archived records are read, too: they say that something ended. */
const SOURCES: Readonly<Record<PullKind, { model: string; domain: Domain; fields: readonly string[] }>> = {
  item: {
    model: "product.product",
    domain: [["type", "!=", "service"]],
    fields: ["default_code", "display_name", "name", "barcode", "uom_id", "active"],
  },
  location: { model: "stock.warehouse", domain: [], fields: ["name"] },
  customer: { model: "res.partner", domain: [["customer_rank", ">", 0]], fields: ["name", "email", "phone"] },
  supplier: { model: "res.partner", domain: [["supplier_rank", ">", 0]], fields: ["name", "email", "phone"] },
  sale: {
    model: "sale.order",
    domain: [],
    fields: ["name", "state", "partner_id", "warehouse_id", "date_order", "order_line", "origin"],
  },
  purchase: {
    model: "purchase.order",
    domain: [],
    fields: ["name", "state", "partner_id", "picking_type_id", "date_order", "order_line", "origin"],
  },
};

const item = z.object({
  default_code: text,
  name: z.string(),
  barcode: text,
  uom_id: z.tuple([z.number(), z.string()]),
  active: z.boolean(),
});
const partner = z.object({ name: z.string(), email: text, phone: text });
const order = z.object({
  name: z.string(),
  state: z.string(),
  partner_id: link,
  warehouse_id: link.default(false),
  picking_type_id: link.default(false),
  date_order: text,
  origin: text,
});
const line = z.object({
  id: z.number(),
  order_id: z.tuple([z.number(), z.string()]),
  product_id: link,
  product_uom_qty: z.number().optional(),
  product_qty: z.number().optional(),
  product_uom: link.optional(),
  product_uom_id: link.optional(),
  uom_id: link.optional(),
});

/** The source document of an order that was placed here. */
export const OUR_KEY = /^ws[0-9a-f]{10}-/;

const STATES: Readonly<Record<string, ErpOrder["state"]>> = {
  sale: "open",
  purchase: "open",
  done: "open",
  cancel: "cancelled",
};

export function createOdooReader(call: CallOdoo) {
  const fieldsOf = new Map<string, Promise<ReadonlySet<string>>>();

  /** Models differ from version to version: a field that a model has not is not asked for. */
  function fields(model: string): Promise<ReadonlySet<string>> {
    const known = fieldsOf.get(model);
    if (known !== undefined) return known;
    const asked = call(model, "fields_get", { attributes: ["type"] }).then(
      (all) => new Set(Object.keys(all as Record<string, unknown>)),
    );
    fieldsOf.set(model, asked);
    return asked;
  }

  async function search<T extends z.ZodType>(
    model: string,
    shape: T,
    search: { domain: Domain; fields: readonly string[]; order?: string; limit?: number; offset?: number },
  ): Promise<z.output<T>[]> {
    const known = await fields(model);
    const rows = await call(model, "search_read", {
      ...search,
      fields: search.fields.filter((name) => known.has(name)),
      context: { active_test: false, lang: "en_US" },
    });
    const parsed = z.array(shape).safeParse(rows);
    if (!parsed.success)
      throw new ErpError(
        "away",
        `Odoo describes ${model} in a way that is not known here: ${parsed.error.issues[0]?.path.join(".")}`,
      );
    return parsed.data;
  }

  async function recordsOf(kind: PullKind, rows: readonly Row[]): Promise<ErpRecord[]> {
    const base = ({ id, write_date: modified }: Row) => ({ id: String(id), modified });
    switch (kind) {
      case "item":
        return rows.map((each) => {
          const { default_code, name, barcode, uom_id, active } = item.parse(each);
          const sku = default_code ?? `odoo-${each.id}`;
          return { ...base(each), kind, number: sku, sku, name, barcode, unit: uom_id[1], isActive: active };
        });
      case "location":
        return rows.map((each) => ({ ...base(each), kind, number: String(each["name"]), name: String(each["name"]) }));
      case "customer":
      case "supplier":
        return rows.map((each) => {
          const known = partner.parse(each);
          return { ...base(each), kind, number: known.name, ...known };
        });
      case "sale":
      case "purchase":
        return ordersOf(kind, rows, base);
    }
  }

  async function ordersOf(
    kind: "sale" | "purchase",
    rows: readonly Row[],
    base: (row: Row) => { id: string; modified: string },
  ): Promise<ErpOrder[]> {
    const ids = rows.map(({ id }) => id);
    const lines = await search(kind === "sale" ? "sale.order.line" : "purchase.order.line", line, {
      domain: [
        ["order_id", "in", ids],
        ["display_type", "=", false],
        ["product_id.type", "!=", "service"],
      ],
      fields: ["order_id", "product_id", "product_uom_qty", "product_qty", "product_uom", "product_uom_id", "uom_id"],
      order: "id asc",
    });
    const types = new Map<string, string | null>();
    if (kind === "purchase") {
      const wanted = rows.flatMap((each) => idOf(order.parse(each).picking_type_id) ?? []);
      const shape = z.object({ id: z.number(), warehouse_id: link });
      const found = await search("stock.picking.type", shape, {
        domain: [["id", "in", [...new Set(wanted)].map(Number)]],
        fields: ["warehouse_id"],
      });
      for (const { id, warehouse_id } of found) types.set(String(id), idOf(warehouse_id));
    }
    return rows.map((each): ErpOrder => {
      const known = order.parse(each);
      const type = idOf(known.picking_type_id);
      return {
        ...base(each),
        kind,
        number: known.name,
        state: STATES[known.state] ?? "draft",
        partnerId: idOf(known.partner_id),
        warehouseId: kind === "sale" ? idOf(known.warehouse_id) : type === null ? null : (types.get(type) ?? null),
        date: known.date_order?.slice(0, 10) ?? null,
        key: known.origin !== null && OUR_KEY.test(known.origin) ? known.origin : null,
        lines: lines
          .filter(({ order_id }) => order_id[0] === each.id)
          .flatMap(({ id, product_id, product_uom_qty, product_qty, product_uom, product_uom_id, uom_id }) => {
            // Called otherwise from version to version.
            const unit = product_uom_id ?? product_uom ?? uom_id ?? false;
            if (product_id === false || unit === false) return [];
            // Of a purchase `product_uom_qty` is in the unit of the product, `product_qty` in that of the line.
            const quantity = (kind === "sale" ? product_uom_qty : product_qty) ?? 0;
            return [{ id: String(id), itemId: String(product_id[0]), quantity, unit: unit[1] }];
          }),
      };
    });
  }

  return {
    search,
    fields,
    async newest(kind: PullKind): Promise<string | undefined> {
      const { model, domain } = SOURCES[kind];
      const [first] = await search(model, row, { domain, fields: ["write_date"], order: "write_date desc", limit: 1 });
      return first?.write_date;
    },
    async page(kind: PullKind, { since, after, limit }: Page): Promise<ErpRecord[]> {
      const { model, domain, fields } = SOURCES[kind];
      const where = [
        ...domain,
        ...(since === undefined ? [] : [["write_date", ">=", since]]),
        ...(after === undefined ? [] : [["id", ">", Number(after)]]),
      ];
      const asked = { domain: where, fields: [...fields, "write_date"], order: "id asc", limit };
      return recordsOf(kind, await search(model, row, asked));
    },
    async read(kind: PullKind, id: string): Promise<ErpRecord | undefined> {
      const { model, domain, fields } = SOURCES[kind];
      const asked = { domain: [...domain, ["id", "=", Number(id)]], fields: [...fields, "write_date"] };
      return (await recordsOf(kind, await search(model, row, asked)))[0];
    },
    async existing(kind: PullKind, ids: readonly string[]): Promise<ReadonlySet<string>> {
      const shape = z.object({ id: z.number() });
      const rows = await search(SOURCES[kind].model, shape, {
        domain: [["id", "in", ids.map(Number)]],
        fields: ["name"],
      });
      return new Set(rows.map(({ id }) => String(id)));
    },
    async levels(itemIds: readonly string[], warehouseIds: readonly string[]): Promise<ErpLevel[]> {
      const levels: ErpLevel[] = [];
      const shape = z.object({ product_id: z.tuple([z.number(), z.string()]), quantity: z.number() });
      for (const { id, lot_stock_id: root } of await warehouses(warehouseIds)) {
        const sums = new Map(itemIds.map((itemId) => [itemId, 0]));
        const domain = [
          ["location_id", "child_of", root[0]],
          ["product_id", "in", itemIds.map(Number)],
          ["owner_id", "=", false],
        ];
        const quants = await search("stock.quant", shape, {
          domain,
          fields: ["product_id", "quantity"],
          order: "id asc",
        });
        for (const { product_id, quantity } of quants) {
          const itemId = String(product_id[0]);
          sums.set(itemId, (sums.get(itemId) ?? 0) + quantity);
        }
        for (const [itemId, quantity] of sums) levels.push({ itemId, warehouseId: String(id), quantity });
      }
      return levels;
    },
    warehouses,
  };

  /** Warehouses with the location that holds their stock, and how goods move in them. */
  async function warehouses(ids: readonly string[]) {
    const required = z.tuple([z.number(), z.string()]);
    const shape = z.object({ id: z.number(), lot_stock_id: required, int_type_id: required, in_type_id: required });
    const fields = ["lot_stock_id", "int_type_id", "in_type_id"];
    const asked = { domain: [["id", "in", ids.map(Number)]], fields, order: "id asc" };
    return search("stock.warehouse", shape, asked);
  }
}
