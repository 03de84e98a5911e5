import { z } from "zod";
import type { Made, SentOrder } from "../adapter.ts";
import { ErpError } from "../erp-error.ts";
import type { createOdooReader } from "./read.ts";
import type { CallOdoo } from "./rpc.ts";

type Reader = ReturnType<typeof createOdooReader>;

/** How orders are made of each kind, and what a person presses to make them bind, or to end them. */
const MODELS = {
  sale: { model: "sale.order", quantity: "product_uom_qty", confirm: "action_confirm", cancel: "action_cancel" },
  purchase: { model: "purchase.order", quantity: "product_qty", confirm: "button_confirm", cancel: "button_cancel" },
} as const;
type OrderKind = keyof typeof MODELS;

const order = z.object({ id: z.number(), name: z.string(), state: z.string() });

/**
 * Orders that were placed here. Each is drafted in one call, with our key as its source document, and confirmed in another: what was
 * begun and not finished is found by the key. Units, prices and taxes are those that Odoo gives a new line of the product.
 */
export function createOrders(call: CallOdoo, { search, warehouses }: Reader) {
  async function find(kind: OrderKind, key: string): Promise<z.output<typeof order> | undefined> {
    const asked = { domain: [["origin", "=", key]], fields: ["name", "state"], order: "id asc", limit: 1 };
    const [found] = await search(MODELS[kind].model, order, asked);
    return found;
  }

  async function draft(kind: OrderKind, key: string, content: SentOrder): Promise<z.output<typeof order>> {
    const { model, quantity } = MODELS[kind];
    const [warehouse] = await warehouses([content.warehouseId]);
    if (warehouse === undefined) throw new ErpError("refused", "the warehouse is not in Odoo any longer");
    const made = {
      partner_id: Number(content.partnerId),
      ...(kind === "sale" ? { warehouse_id: warehouse.id } : { picking_type_id: warehouse.in_type_id[0] }),
      [kind === "sale" ? "client_order_ref" : "partner_ref"]: content.reference,
      origin: key,
      order_line: content.lines.map(({ itemId, quantity: count }) => [
        0,
        0,
        { product_id: Number(itemId), [quantity]: count },
      ]),
    };
    await call(model, "create", { vals_list: [made] });
    const drafted = await find(kind, key);
    if (drafted === undefined) throw new ErpError("away", "Odoo does not know the order that it has just made");
    return drafted;
  }

  return {
    async send(key: string, kind: OrderKind, content: SentOrder): Promise<Made> {
      const { model, confirm } = MODELS[kind];
      const known = (await find(kind, key)) ?? (await draft(kind, key, content));
      if (known.state === "cancel") throw new ErpError("refused", `somebody has cancelled ${known.name} in Odoo`);
      if (known.state === "draft" || known.state === "sent") await call(model, confirm, { ids: [known.id] });
      return { id: String(known.id), number: known.name };
    },
    /** Its open transfers are cancelled with it. */
    async cancel(key: string, kind: OrderKind): Promise<void> {
      const { model, cancel } = MODELS[kind];
      const known = await find(kind, key);
      if (known === undefined || known.state === "cancel") return;
      // Without this Odoo answers with a question for a person, and changes nothing.
      await call(model, cancel, { ids: [known.id], context: { disable_cancel_warning: true } });
      const after = await find(kind, key);
      if (after?.state !== "cancel")
        throw new ErpError("refused", `Odoo has not cancelled ${known.name}: see to it there`);
    },
  };
}
