import { z } from "zod";
import type { Made, OrderGoods, Outgoing, SentItem, StockChange } from "../adapter.ts";
import { ErpError } from "../erp-error.ts";
import { createOrders } from "./orders.ts";
import type { createOdooReader } from "./read.ts";
import type { CallOdoo } from "./rpc.ts";
import { createTransfers, move, MOVE, type NewMove, picking, PICKING, type Picking, required } from "./transfers.ts";

type Reader = ReturnType<typeof createOdooReader>;

/** Writes to Odoo: goods and stock by transfers, items as products. */
export function createOdooWriter(call: CallOdoo, reader: Reader) {
  const { search, fields } = reader;
  const orders = createOrders(call, reader);
  const { pickingOf, movesOf, setDone, validate, draftTransfer, confirm, ownTransfer } = createTransfers(call, reader);

  async function sendGoods(key: string, kind: "delivery" | "receipt", content: OrderGoods): Promise<Made> {
    const field = kind === "delivery" ? "sale_line_id" : "purchase_line_id";
    const transfer =
      (await pickingOf(key)) ?? (await claimPicking(key, kind, content)) ?? (await anotherTransfer(key, kind, content));
    if (transfer.state === "done") return { id: String(transfer.id), number: transfer.name };
    await confirm(transfer);
    const wanted = new Map(content.lines.map(({ lineId, quantity }) => [lineId, quantity]));
    for (const each of await movesOf(transfer.id)) {
      const of = each[field];
      const lineId = of ? String(of[0]) : undefined;
      const quantity = lineId === undefined ? 0 : (wanted.get(lineId) ?? 0);
      if (lineId !== undefined) wanted.delete(lineId);
      await setDone(each.id, quantity);
    }
    if (wanted.size > 0)
      throw new ErpError("refused", `transfer ${transfer.name} has no line for what was moved: change it there`);
    await validate(transfer);
    return { id: String(transfer.id), number: transfer.name };
  }

  /** Takes the open transfer of an order for this document. */
  async function claimPicking(
    key: string,
    kind: "delivery" | "receipt",
    content: OrderGoods,
  ): Promise<Picking | undefined> {
    const model = kind === "delivery" ? "sale.order" : "purchase.order";
    const shape = z.object({ id: z.number(), name: z.string(), picking_ids: z.array(z.number()) });
    const asked = { domain: [["id", "=", Number(content.orderId)]], fields: ["name", "picking_ids"] };
    const [order] = await search(model, shape, asked);
    if (order === undefined) throw new ErpError("refused", "the order is not in Odoo any longer");
    const domain = [
      ["id", "in", order.picking_ids],
      ["state", "not in", ["done", "cancel"]],
    ];
    const open = await search("stock.picking", picking, { domain, fields: PICKING, order: "id asc" });
    // Another document of ours may have begun with one.
    const [free] = open.filter(({ origin }) => origin === false || !/(^| )ws[0-9a-f]{10}-/.test(origin));
    if (free === undefined) return undefined;
    const origin = `${order.name} ${key}`;
    await call("stock.picking", "write", { ids: [free.id], vals: { origin } });
    return { ...free, origin };
  }

  /** Of an order that has no open transfer, as after a return: one more like its first, for the lines that are told. */
  async function anotherTransfer(key: string, kind: "delivery" | "receipt", { lines }: OrderGoods): Promise<Picking> {
    const field = kind === "delivery" ? "sale_line_id" : "purchase_line_id";
    const lineIds = lines.map(({ lineId }) => Number(lineId));
    const shape = move.extend({ picking_id: required });
    const asked = {
      domain: [
        [field, "in", lineIds],
        ["state", "=", "done"],
      ],
      fields: [...MOVE, "picking_id"],
      order: "id asc",
    };
    const moved = await search("stock.move", shape, asked);
    const [first] = moved;
    if (first === undefined) throw new ErpError("refused", "the order has no transfer in Odoo");
    const [like] = await search("stock.picking", picking, {
      domain: [["id", "=", first.picking_id[0]]],
      fields: PICKING,
    });
    const moves = lines.map(({ lineId, itemId, quantity }): NewMove => {
      const of = moved.find((each) => each[field] && String(each[field][0]) === lineId);
      if (of === undefined)
        throw new ErpError("refused", "a line of the order was never moved in Odoo: see to it there");
      const [from, to] = [first.location_id[0], first.location_dest_id[0]];
      return {
        product: Number(itemId),
        unit: of.product_uom[0],
        from,
        to,
        quantity,
        line: { [field]: Number(lineId) },
      };
    });
    const vals = {
      picking_type_id: like!.picking_type_id[0],
      location_id: first.location_id[0],
      location_dest_id: first.location_dest_id[0],
    };
    return draftTransfer(key, vals, moves);
  }

  async function sendChange(key: string, content: StockChange): Promise<Made> {
    const { itemId, warehouseId, delta } = content;
    const [warehouse] = await reader.warehouses([warehouseId]);
    if (warehouse === undefined) throw new ErpError("refused", "the warehouse is not in Odoo any longer");
    const shape = z.object({ id: z.number(), uom_id: required });
    const asked = { domain: [["id", "=", Number(itemId)]], fields: ["uom_id"] };
    const [product] = await search("product.product", shape, asked);
    if (product === undefined) throw new ErpError("refused", "the product is not in Odoo any longer");
    const scrap = (await fields("stock.location")).has("scrap_location") ? [["scrap_location", "=", false]] : [];
    const loss = await search("stock.location", z.object({ id: z.number() }), {
      domain: [["usage", "=", "inventory"], ...scrap],
      fields: ["name"],
      order: "id asc",
      limit: 1,
    });
    if (loss[0] === undefined) throw new ErpError("refused", "Odoo has no location for inventory adjustments");
    const [stock, other] = [warehouse.lot_stock_id[0], loss[0].id];
    const [from, to] = delta > 0 ? [other, stock] : [stock, other];
    const vals = { picking_type_id: warehouse.int_type_id[0], location_id: from, location_dest_id: to };
    return ownTransfer(key, vals, [
      { product: product.id, unit: product.uom_id[0], from, to, quantity: Math.abs(delta) },
    ]);
  }

  async function sendItem({ itemId, sku, name, barcode }: SentItem): Promise<Made> {
    const vals = { name, barcode: barcode ?? false };
    if (itemId !== undefined) {
      await call("product.product", "write", { ids: [Number(itemId)], vals });
      return { id: itemId, number: sku };
    }
    // Its code names it on both sides.
    const shape = z.object({ id: z.number() });
    const [known] = await search("product.product", shape, { domain: [["default_code", "=", sku]], fields: ["name"] });
    if (known !== undefined) return { id: String(known.id), number: sku };
    const type = (await fields("product.product")).has("is_storable")
      ? { type: "consu", is_storable: true }
      : { type: "product" };
    const made = z
      .array(z.number())
      .parse(await call("product.product", "create", { vals_list: [{ ...vals, ...type, default_code: sku }] }));
    return { id: String(made[0]), number: sku };
  }

  return {
    async send({ key, ...document }: Outgoing): Promise<Made> {
      switch (document.kind) {
        case "delivery":
        case "receipt":
          return sendGoods(key, document.kind, document.content);
        case "movement":
        case "count":
          return sendChange(key, document.content);
        case "item":
          return sendItem(document.content);
        case "sale":
        case "purchase":
          return orders.send(key, document.kind, document.content);
      }
    },
    /** What was done is not undone in Odoo: goods go back by a transfer of their own. */
    async reverse({ key, kind }: Outgoing): Promise<void> {
      if (kind === "item") throw new ErpError("refused", "an item is not taken back");
      if (kind === "sale" || kind === "purchase") return orders.cancel(key, kind);
      const transfer = await pickingOf(key);
      if (transfer === undefined) return;
      if (transfer.state !== "done") {
        // Of an order its number stays, so that another document may take it.
        const own = transfer.origin === key;
        if (own) await call("stock.picking", "action_cancel", { ids: [transfer.id] });
        else
          await call("stock.picking", "write", {
            ids: [transfer.id],
            vals: { origin: String(transfer.origin).slice(0, -key.length - 1) },
          });
        return;
      }
      const moves = (await movesOf(transfer.id)).filter((each) => (each.quantity ?? each.quantity_done ?? 0) > 0);
      const back = moves.map((each) => ({
        product: each.product_id[0],
        unit: each.product_uom[0],
        from: each.location_dest_id[0],
        to: each.location_id[0],
        quantity: each.quantity ?? each.quantity_done ?? 0,
        returns: each.id,
      }));
      const known = await fields("stock.picking");
      await ownTransfer(
        `${key}-reversal`,
        {
          picking_type_id: transfer.picking_type_id[0],
          location_id: transfer.location_dest_id[0],
          location_dest_id: transfer.location_id[0],
          ...(known.has("return_id") && { return_id: transfer.id }),
        },
        back,
      );
    },
  };
}
