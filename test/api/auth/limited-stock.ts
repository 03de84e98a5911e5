import type { Ids, Trial } from "./limited-trial.ts";
import type { Side } from "./limited-world.ts";

const ITEM = 1;
const id = { id: 987_654 };
const one =
  (ids: (side: Side) => Ids) =>
  (more: object = {}): Trial => ({ kind: "one", ids, unknown: id, ...more });
const stock = one((s) => ({ id: s.stock }));
const count = one((s) => ({ id: s.count }));
const movement = one((s) => ({ id: s.movement }));

/** The operations on stock. */
export const STOCK_TRIALS: Readonly<Record<string, Trial>> = {
  "GET /inventory-items": { kind: "list", key: (s) => s.stock },
  "GET /reorder-suggestions": { kind: "list", key: (s) => s.stock },
  "GET /stock-outlooks": { kind: "list", key: (s) => s.stock },
  "POST /inventory-items": {
    kind: "new",
    body: (s) => ({ item_id: ITEM, location_id: s.location }),
    refers: [(s) => ({ location_id: s.location }), (s) => ({ owner_id: s.owner })],
  },
  "GET /inventory-items/{id}": stock(),
  "GET /inventory-items/{id}/events": stock(),
  "PUT /reorder-points/{id}": stock({ body: () => ({ reorder_point: 3 }) }),
  "GET /movements": { kind: "list", key: (s) => s.movement },
  "GET /movements/check": { kind: "hidden" },
  "POST /movements": {
    kind: "new",
    body: (s) => ({ inventory_item_id: s.stock, quantity: 1, reason: "found" }),
    refers: [(s) => ({ inventory_item_id: s.stock }), (s) => ({ to: { location_id: s.location, condition: "hold" } })],
  },
  "GET /movements/{id}": movement(),
  "POST /movements/{id}/reverse": movement({ body: () => ({ reason: "was not there" }), last: true }),
  "GET /cycle-counts": { kind: "list", key: (s) => s.count },
  "POST /cycle-counts": {
    kind: "new",
    body: () => ({}),
    refers: [(s) => ({ inventory_item_id: s.stock })],
  },
  "GET /cycle-counts/{id}": count(),
  "POST /cycle-counts/{id}/count": count({ body: () => ({ quantity: 4 }), last: true }),
  // It would close the cycle count.
  "PUT /inventory-items/{id}": stock({ body: () => ({ quantity: 5 }), last: true }),
};
