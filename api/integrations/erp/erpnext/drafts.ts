import type { OrderGoods, SentOrder, StockChange } from "../adapter.ts";
import { ErpError } from "../erp-error.ts";
import type { Document, Frappe } from "./client.ts";

/** A delivery note or a purchase receipt. Units, prices and warehouses are those of the lines of its order. */
export async function goodsOf(
  frappe: Frappe,
  kind: "delivery" | "receipt",
  { orderId, lines, reference }: OrderGoods,
): Promise<object> {
  const doctype = kind === "delivery" ? "Sales Order" : "Purchase Order";
  const order = await frappe.get(doctype, orderId);
  if (order === undefined) throw new ErpError("refused", `${orderId} is not in ERPNext any longer`);
  const of = new Map((order["items"] as Document[]).map((each) => [each.name, each]));
  const items = lines.map(({ lineId, itemId, quantity }) => {
    const line = of.get(lineId);
    if (line === undefined) throw new ErpError("refused", `${orderId} has no line ${lineId} any longer`);
    const link =
      kind === "delivery"
        ? { against_sales_order: orderId, so_detail: lineId }
        : { purchase_order: orderId, purchase_order_item: lineId };
    const { warehouse = order["set_warehouse"], uom, conversion_factor = 1, rate = 0 } = line;
    return { item_code: itemId, qty: quantity, uom, conversion_factor, rate, warehouse, ...link };
  });
  const partner = kind === "delivery" ? { customer: order["customer"] } : { supplier: order["supplier"] };
  return { ...partner, company: order["company"], items, remarks: reference };
}

/** Units, prices and taxes are those that ERPNext gives a new row of the item. */
export function orderOf(
  company: string | undefined,
  kind: "sale" | "purchase",
  { partnerId, warehouseId, date, lines }: SentOrder,
): object {
  const isSale = kind === "sale";
  const due = isSale ? { delivery_date: date } : { schedule_date: date };
  const items = lines.map(({ itemId, quantity }) => ({
    ...{ item_code: itemId, qty: quantity, warehouse: warehouseId },
    ...due,
  }));
  return {
    ...(isSale ? { customer: partnerId } : { supplier: partnerId }),
    ...(company !== undefined && { company }),
    ...{ transaction_date: date, set_warehouse: warehouseId, items },
    ...due,
  };
}

export async function movementOf(
  company: string | undefined,
  { itemId, warehouseId, delta }: StockChange,
): Promise<object> {
  const isReceipt = delta > 0;
  const place = isReceipt ? { t_warehouse: warehouseId } : { s_warehouse: warehouseId };
  return {
    stock_entry_type: isReceipt ? "Material Receipt" : "Material Issue",
    ...(company !== undefined && { company }),
    items: [{ item_code: itemId, qty: Math.abs(delta), ...place, allow_zero_valuation_rate: 1 }],
  };
}

/** A reconciliation says how many there are: what ERPNext has now, and what was counted more or less. */
export async function countOf(
  frappe: Frappe,
  company: string | undefined,
  { itemId, warehouseId, delta }: StockChange,
): Promise<object> {
  const filters = [
    ["item_code", "=", itemId],
    ["warehouse", "=", warehouseId],
  ] as const;
  const [bin] = await frappe.list("Bin", { fields: ["name", "actual_qty", "valuation_rate"], filters, limit: 1 });
  const qty = Number(bin?.["actual_qty"] ?? 0) + delta;
  if (qty < 0) throw new ErpError("refused", `${itemId} would be ${qty} in ${warehouseId}: count it there, too`);
  const line = { item_code: itemId, warehouse: warehouseId, qty, allow_zero_valuation_rate: 1 };
  return { purpose: "Stock Reconciliation", ...(company !== undefined && { company }), items: [line] };
}
