import { z } from "zod";
import type { Made } from "../adapter.ts";
import { ErpError } from "../erp-error.ts";
import type { createOdooReader } from "./read.ts";
import type { CallOdoo } from "./rpc.ts";

type Reader = ReturnType<typeof createOdooReader>;

export const required = z.tuple([z.number(), z.string()]);
export const picking = z.object({
  id: z.number(),
  name: z.string(),
  state: z.string(),
  origin: z.union([z.string(), z.literal(false)]),
  location_id: required,
  location_dest_id: required,
  picking_type_id: required,
  move_ids: z.array(z.number()).optional(),
});
export type Picking = z.output<typeof picking>;
export const PICKING = ["name", "state", "origin", "location_id", "location_dest_id", "picking_type_id", "move_ids"];
export const move = z.object({
  id: z.number(),
  product_id: required,
  product_uom: required,
  state: z.string(),
  quantity: z.number().optional(),
  quantity_done: z.number().optional(),
  sale_line_id: z.union([required, z.literal(false)]).optional(),
  purchase_line_id: z.union([required, z.literal(false)]).optional(),
  location_id: required,
  location_dest_id: required,
});
type Move = z.output<typeof move>;
export const MOVE = [
  ...["product_id", "product_uom", "state", "quantity", "quantity_done", "sale_line_id", "purchase_line_id"],
  ...["location_id", "location_dest_id"],
];

/** Without it Odoo asks whether the rest is to follow; with it the rest follows, as a transfer of its own. */
const NO_QUESTIONS = { skip_backorder: true, skip_sms: true, skip_immediate: true };

export interface NewMove {
  product: number;
  unit: number;
  from: number;
  to: number;
  quantity: number;
  /** the move whose goods go back */
  returns?: number;
  /** the line of an order that it is of */
  line?: Record<string, number>;
}

/**
 * Transfers in Odoo. Each call is a transaction there, and a transfer names our key in its source document from before it is done: what
 * was begun and not finished is found by it.
 */
export function createTransfers(call: CallOdoo, { search, fields }: Reader) {
  async function pickingOf(key: string): Promise<Picking | undefined> {
    // The key stands at the end, after the number of the order.
    const domain = [
      ["origin", "=like", `%${key}`],
      ["state", "!=", "cancel"],
    ];
    const found = await search("stock.picking", picking, { domain, fields: PICKING, order: "id asc" });
    return found.find(({ origin }) => origin === key || (origin !== false && origin.endsWith(` ${key}`)));
  }

  const movesOf = (pickingId: number): Promise<Move[]> =>
    search("stock.move", move, {
      domain: [
        ["picking_id", "=", pickingId],
        ["state", "!=", "cancel"],
      ],
      fields: MOVE,
      order: "id asc",
    });

  /** How much of a move is done: `quantity` and `picked` since 17, `quantity_done` before. */
  async function setDone(moveId: number, quantity: number): Promise<void> {
    const known = await fields("stock.move");
    const vals = known.has("picked") ? { quantity, picked: quantity > 0 } : { quantity_done: quantity };
    await call("stock.move", "write", { ids: [moveId], vals });
  }

  async function validate({ id, name }: Pick<Picking, "id" | "name">): Promise<void> {
    const result = await call("stock.picking", "button_validate", { ids: [id], context: NO_QUESTIONS });
    if (result === true || result === null) return;
    const [after] = await search("stock.picking", picking, { domain: [["id", "=", id]], fields: PICKING });
    if (after?.state !== "done")
      throw new ErpError("refused", `Odoo asks something before transfer ${name} is done: answer it there`);
  }

  /** A transfer of its own: drafted with its moves in one call, confirmed, and done. */
  async function draftTransfer(
    key: string,
    vals: Record<string, unknown>,
    moves: readonly NewMove[],
  ): Promise<Picking> {
    const known = await fields("stock.move");
    const lines = moves.map(({ product, unit, from, to, quantity, returns, line }) => ({
      product_id: product,
      product_uom: unit,
      product_uom_qty: quantity,
      location_id: from,
      location_dest_id: to,
      ...(known.has("name") && { name: key }),
      ...(returns !== undefined && { origin_returned_move_id: returns, to_refund: true }),
      ...line,
    }));
    const made = { ...vals, origin: key, move_ids: lines.map((each) => [0, 0, each]) };
    await call("stock.picking", "create", { vals_list: [made] });
    const transfer = await pickingOf(key);
    if (transfer === undefined) throw new ErpError("away", "Odoo does not know the transfer that it has just made");
    return transfer;
  }

  async function confirm({ id, state }: Picking): Promise<void> {
    if (state === "draft") await call("stock.picking", "action_confirm", { ids: [id] });
  }

  async function ownTransfer(key: string, vals: Record<string, unknown>, moves: readonly NewMove[]): Promise<Made> {
    const transfer = (await pickingOf(key)) ?? (await draftTransfer(key, vals, moves));
    if (transfer.state !== "done") {
      await confirm(transfer);
      const quantities = new Map<number, number>();
      for (const { product, quantity } of moves) quantities.set(product, quantity + (quantities.get(product) ?? 0));
      for (const each of await movesOf(transfer.id)) {
        await setDone(each.id, quantities.get(each.product_id[0]) ?? 0);
        quantities.delete(each.product_id[0]);
      }
      await validate(transfer);
    }
    return { id: String(transfer.id), number: transfer.name };
  }

  return { pickingOf, movesOf, setDone, validate, draftTransfer, confirm, ownTransfer };
}
