import type { ErpTest } from "../../api/integrations/erp/erp-test.ts";
import type { ErpnextStandIn } from "./erpnext.ts";
import type { OdooStandIn } from "./odoo.ts";

/** What is sold at once. */
export const PIECES = 3;

/** Connects both. Milk is sold by one of them and bread by the other; both have a thousand of it, and so has the platform. @returns the connections */
export async function connectErps(erp: ErpTest, odoo: OdooStandIn, next: ErpnextStandIn): Promise<number[]> {
  const customer = odoo.partner("Corner Shop", "customer_rank");
  next.documents.insert("Customer", { customer_name: "Corner Shop" });
  const optionsOf = (warehouse: string, at: number, buyer: string, to: number) => ({
    ...{ warehouses: [{ external_id: warehouse, location_id: at }], ship: "automatic", interval_s: 5 },
    customers: [{ external_id: buyer, location_id: to }],
  });
  for (const [sku, place] of [
    ["milk", erp.hub],
    ["bread", erp.shop],
  ] as const) {
    const { body: item } = await erp.admin("POST /items", { sku, name: sku });
    await erp.admin("POST /inventory-items", { item_id: item["id"], location_id: place, quantity: 1_000 });
  }
  odoo.models.move(odoo.product("milk").id, Number(odoo.warehouse["lot_stock_id"]), 1_000);
  next.item("bread");
  const entry = next.documents.insert("Stock Entry", {
    items: [{ item_code: "bread", qty: 1_000, t_warehouse: next.warehouse }],
  });
  next.documents.update("Stock Entry", entry.name, { docstatus: 1 });
  return [
    await erp.connect({
      ...{ name: "Odoo", kind: "odoo", url: odoo.url, database: odoo.database, credentials: { api_key: odoo.apiKey } },
      options: optionsOf(String(odoo.warehouse.id), erp.hub, String(customer.id), erp.shop),
    }),
    await erp.connect({
      ...{
        name: "ERPNext",
        kind: "erpnext",
        url: next.url,
        credentials: { api_key: next.apiKey, api_secret: next.apiSecret },
      },
      options: optionsOf(next.warehouse, erp.shop, "Corner Shop", erp.hub),
    }),
  ];
}

/** Somebody has bought something of each. */
export function sell(odoo: OdooStandIn, next: ErpnextStandIn): void {
  const [milk] = odoo.models.table("product.product");
  const [customer] = odoo.models.table("res.partner");
  odoo.sell([[milk!, PIECES]], customer);
  next.sell("Corner Shop", [["bread", PIECES]]);
}
