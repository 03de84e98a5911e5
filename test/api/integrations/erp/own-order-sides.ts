import { type ErpnextStandIn, startErpnext } from "../../../support/erp/erpnext.ts";
import type { Row } from "../../../support/erp/erpnext-documents.ts";
import { type OdooStandIn, startOdoo } from "../../../support/erp/odoo.ts";
import type { StandIn } from "../../../support/erp/stand-in.ts";

interface Line {
  sku: string;
  quantity: number;
  done: number;
}
/** An order as people see it in the ERP. */
interface Seen {
  number: string;
  state: "draft" | "open" | "cancelled";
  partner: string;
  lines: Line[];
}

interface Side {
  there: StandIn;
  connection: Record<string, unknown>;
  item(sku: string): void;
  orders(kind: "sale" | "purchase"): Seen[];
  /** somebody there ends an order */
  cancel(kind: "sale" | "purchase", number: string): void;
}

/** Both kinds of orders go there. */
export const sync = { sales: "both", purchases: "both" };

function ofOdoo(there: OdooStandIn, hub: number): Side {
  there.partner("Corner Shop", "customer_rank");
  there.partner("Dairy", "supplier_rank");
  const { models } = there;
  const modelOf = { sale: "sale.order", purchase: "purchase.order" } as const;
  const nameOf = (model: string, id: unknown) => String(models.row(model, Number(id))["name"]);
  return {
    there,
    connection: {
      ...{ kind: "odoo", url: there.url, database: there.database },
      credentials: { api_key: there.apiKey, user: there.user },
      options: { warehouses: [{ external_id: String(there.warehouse.id), location_id: hub }], sync },
    },
    item: (sku) => void there.product(sku),
    orders: (kind) =>
      models.table(modelOf[kind]).map((order) => ({
        number: String(order["name"]),
        state: order["state"] === "cancel" ? "cancelled" : order["state"] === "draft" ? "draft" : "open",
        partner: nameOf("res.partner", order["partner_id"]),
        lines: models
          .table(`${modelOf[kind]}.line`)
          .filter(({ order_id }) => order_id === order.id)
          .map((line) => ({
            sku: nameOf("product.product", line["product_id"]),
            quantity: Number(line[kind === "sale" ? "product_uom_qty" : "product_qty"]),
            done: Number(line[kind === "sale" ? "qty_delivered" : "qty_received"] ?? 0),
          })),
      })),
    cancel: (kind, number) => {
      const { id } = models.table(modelOf[kind]).find(({ name }) => name === number)!;
      models.call(modelOf[kind], "action_cancel", { ids: [id], context: { disable_cancel_warning: true } });
    },
  };
}

export function ofErpnext(there: ErpnextStandIn, hub: number): Side {
  const { documents } = there;
  documents.insert("Customer", { customer_name: "Corner Shop" });
  documents.insert("Supplier", { supplier_name: "Dairy" });
  const typeOf = { sale: "Sales Order", purchase: "Purchase Order" } as const;
  return {
    there,
    connection: {
      ...{ kind: "erpnext", url: there.url, credentials: { api_key: there.apiKey, api_secret: there.apiSecret } },
      options: {
        company: "My Company",
        warehouses: [{ external_id: there.warehouse, location_id: hub }],
        sync,
      },
    },
    item: (sku) => void there.item(sku),
    orders: (kind) =>
      documents.of(typeOf[kind]).map((order) => ({
        number: order.name,
        state: (["draft", "open", "cancelled"] as const)[order.docstatus]!,
        partner: String(order["customer"] ?? order["supplier"]),
        lines: (order["items"] as Row[]).map((row) => ({
          sku: String(row["item_code"]),
          quantity: Number(row["qty"]),
          done: Number(row[kind === "sale" ? "delivered_qty" : "received_qty"] ?? 0),
        })),
      })),
    cancel: (kind, number) => void documents.update(typeOf[kind], number, { docstatus: 2 }),
  };
}

export const SIDES: Record<string, (hub: number) => Promise<Side>> = {
  "Odoo 19 (JSON-2)": async (hub) => ofOdoo(await startOdoo("19.0"), hub),
  "Odoo 16 (JSON-RPC)": async (hub) => ofOdoo(await startOdoo("16.0"), hub),
  ERPNext: async (hub) => ofErpnext(await startErpnext(), hub),
};
