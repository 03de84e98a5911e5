import { expect } from "vitest";
import { startApi, type TestApi } from "../../support.ts";

export type Body = Record<string, unknown>;

export interface Line {
  line: number;
  item_id: number;
  quantity: number;
  open: number;
  reserved: number;
  picked: number;
  packed: number;
  shipped: number;
  received: number;
  damaged: number;
  scrapped: number;
  missing: number;
  cancelled: number;
}

export interface OrderBody {
  id: number;
  status: string;
  lines: Line[];
}

/** A warehouse with shelves, a shop, and people who work there. */
export async function openShop(settings: Parameters<typeof startApi>[0] = {}) {
  const api: TestApi = await startApi(settings);
  const manager = await api.as("manager");
  let names = 0;

  async function made(path: string, body: object): Promise<number> {
    const answer = await manager(`POST ${path}`, body);
    expect(answer.status, `${path}: ${JSON.stringify(answer.body)}`).toBe(201);
    return answer.body["id"] as number;
  }
  const item = (more: object = {}) => made("/items", { sku: `ware-${(names += 1)}`, name: `Ware ${names}`, ...more });
  const place = (name: string, parent?: number) =>
    made("/locations", { name, stage: "storage", ...(parent !== undefined && { parent_id: parent }) });
  const stock = (itemId: number, locationId: number, quantity: number, more: object = {}) =>
    made("/inventory-items", { item_id: itemId, location_id: locationId, quantity, ...more });
  const position = async (id: number) =>
    (await manager(`GET /inventory-items/${id}`)).body as { quantity: number; reserved: number; available: number };

  async function order(kind: string, lines: [item: number, quantity: number][], more: object = {}): Promise<number> {
    const of = lines.map(([item_id, quantity]) => ({ item_id, quantity }));
    const id = await made("/orders", { kind, lines: of, ...more });
    expect((await manager(`PUT /orders/${id}`, { status: "approved" })).status).toBe(200);
    return id;
  }
  const act = (id: number, action: string, body: object = {}) => manager(`POST /orders/${id}/${action}`, body);
  /** the same, and it must succeed */
  async function done(id: number, action: string, body: object = {}): Promise<OrderBody> {
    const answer = await act(id, action, body);
    expect(answer.status, `${action}: ${JSON.stringify(answer.body)}`).toBe(200);
    return answer.body as unknown as OrderBody;
  }
  const read = async (id: number) => (await manager(`GET /orders/${id}`)).body as unknown as OrderBody;

  /** The ledger tells the same as the projections, whatever has happened. */
  async function expectLedger(): Promise<void> {
    const { rows } = await api.db.pool.query(
      `SELECT i.id, i.quantity, i.reserved FROM inventory_items i
      WHERE i.quantity <> (SELECT coalesce(sum(delta), 0) FROM movements WHERE inventory_item_id = i.id)
        OR i.reserved <> (SELECT coalesce(sum(quantity), 0) FROM reservations WHERE inventory_item_id = i.id) OR i.quantity < i.reserved`,
    );
    expect(rows).toEqual([]);
    const { rows: lines } = await api.db.pool.query(
      `SELECT l.* FROM order_lines l
      WHERE l.reserved <> (SELECT coalesce(sum(quantity), 0) FROM reservations r WHERE (r.order_id, r.line) = (l.order_id, l.line))
        OR l.picked <> (SELECT coalesce(sum(quantity), 0) FROM picks p WHERE (p.order_id, p.line) = (l.order_id, l.line))`,
    );
    expect(lines).toEqual([]);
  }
  return { api, manager, made, item, place, stock, position, order, act, done, read, expectLedger };
}
export type Shop = Awaited<ReturnType<typeof openShop>>;
