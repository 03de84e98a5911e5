import type { ApiClient } from "../platform/api-client.ts";
import { idOf, type ProvisionedWorld } from "../platform/seed.ts";
import { SHUTTLES } from "../world/sites.ts";

/** What waits for people in the warehouse: prefix of its SKUs and references. */
const NAME = "Warehouse day";
const DAY_MS = 86_400_000;
const YOGHURT = {
  sku: "YOGHURT-500",
  name: "Yoghurt 500 g",
  unit_weight_grams: 520,
  value_cents: 129,
  currency: "EUR",
};
const CRATE = {
  sku: "CRATE-20",
  name: "Crate of drinks",
  unit_weight_grams: 9_800,
  value_cents: 1_490,
  currency: "EUR",
};
const PIECES_ORDERED = [2, 3, 1, 4];

/**
 * Gives those who watch a demo something to do in a warehouse, once: bins with lots that expire at different times, goods on the dock that
 * are to be put away, approved orders of customers for a wave, and a transfer to the shop.
 */
export async function prepareWarehouse(api: ApiClient, { locations }: ProvisionedWorld): Promise<void> {
  const [[from, to] = ["", ""]] = SHUTTLES;
  const warehouse = idOf(locations, from);
  const known = await api.list<{ name: string; parent_id: number | null }>("/locations");
  if (known.some(({ parent_id: parent }) => parent === warehouse)) return;
  const made = async (path: string, body: object): Promise<number> => (await api.post<{ id: number }>(path, body)).id;
  const part = (name: string, more: object) =>
    made("/locations", { name: `${name}, ${from}`, stage: "storage", parent_id: warehouse, ...more });
  const dock = await part("Dock", { kind: "receiving" });
  const [first, second] = [
    await part("Bin 1", { kind: "storage", barcode: "BIN-1" }),
    await part("Bin 2", { kind: "picking", barcode: "BIN-2" }),
  ];
  const [yoghurt, crate] = [await made("/items", YOGHURT), await made("/items", CRATE)];
  const stock = (item_id: number, location_id: number, quantity = 0) =>
    made("/inventory-items", { item_id, location_id, quantity });
  const expiry = (days: number) => new Date(Date.now() + days * DAY_MS).toISOString().slice(0, 10);
  const put = (inventory_item_id: number, quantity: number, lot: string, days: number) =>
    api.post("/movements", { inventory_item_id, quantity, reason: "delivered", lot, expires_on: expiry(days) });
  const shelf = await stock(yoghurt, first);
  await put(shelf, 12, "L-2241", -1);
  await put(shelf, 40, "L-2307", 21);
  await put(await stock(yoghurt, second), 8, "L-2259", 4);
  await stock(crate, dock, 24);
  await stock(crate, second, 6);
  const order = async (of: object): Promise<void> => {
    const id = await made("/orders", { ship_from_id: warehouse, ...of });
    await api.put(`/orders/${id}`, { status: "approved" });
  };
  for (const [nth, quantity] of PIECES_ORDERED.entries()) {
    const lines = [{ item_id: yoghurt, quantity }, ...(nth % 2 === 0 ? [{ item_id: crate, quantity: 1 }] : [])];
    await order({ kind: "customer", reference: `${NAME} ${nth + 1}`, lines });
  }
  await order({
    ...{ kind: "transfer", reference: `${NAME} to the shop`, ship_to_id: idOf(locations, to) },
    lines: [{ item_id: yoghurt, quantity: 10 }],
  });
}
