import type { Ids, Trial } from "./limited-trial.ts";
import type { Side } from "./limited-world.ts";

const id = { id: 987_654 };
const one =
  (ids: (side: Side) => Ids) =>
  (more: object = {}): Trial => ({ kind: "one", ids, unknown: id, ...more });
const sale = one((s) => ({ id: s.sale }));
const reservation = one((s) => ({ id: s.reservation }));
const pickList = one((s) => ({ id: s.pickList }));
const order = one((s) => ({ id: s.order }));
const lines = [{ item_id: 1, quantity: 1 }];

/** Orders, and what is done with the goods of orders, one after the other. */
export const ORDER_TRIALS: Readonly<Record<string, Trial>> = {
  "GET /orders": { kind: "list", key: (s) => s.order },
  "POST /orders": {
    kind: "new",
    body: (s) => ({ kind: "customer", lines, location_id: s.location }),
    refers: [(s) => ({ location_id: s.location })],
  },
  "GET /orders/{id}": order(),
  "PUT /orders/{id}": order({
    body: () => ({ reference: "changed" }),
    refers: [(s: Side) => ({ location_id: s.location })],
  }),
  "GET /packing-scales": { kind: "list", key: (s) => s.packingScale },
  "GET /reservations": { kind: "list", key: (s) => s.reservation },
  "GET /reservations/{id}": reservation(),
  "DELETE /reservations/{id}": reservation(),
  "GET /pick-lists": { kind: "list", key: (s) => s.pickList },
  "GET /pick-lists/{id}": pickList(),
  "POST /pick-lists/{id}/pick": pickList({ body: (s: Side) => ({ inventory_item_id: s.stock, quantity: 1 }) }),
  "POST /pick-lists/{id}/cancel": pickList({ body: () => ({}) }),
  "POST /orders/{id}/reserve": sale({ body: () => ({}) }),
  "POST /pick-lists": {
    kind: "new",
    body: (s) => ({ order_ids: [s.sale] }),
    refers: [(s) => ({ order_ids: [s.sale] })],
  },
  "POST /orders/{id}/pick": sale({ body: () => ({ lines: [{ line: 1, quantity: 1 }] }) }),
  "POST /orders/{id}/pack": sale({ body: () => ({}) }),
  "POST /orders/{id}/ship": sale({ body: () => ({}) }),
  "GET /orders/{id}/units": sale(),
  "POST /orders/{id}/cancel": sale({ body: () => ({}), last: true }),
  "POST /orders/{id}/receive": {
    kind: "one",
    ids: (s) => ({ id: s.restock }),
    unknown: id,
    body: () => ({ lines }),
  },
};
