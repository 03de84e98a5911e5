import { common, hidden, type Trial, UNKNOWN } from "./limited-trial.ts";
import type { Side } from "./limited-world.ts";

const FIELDS = "what fields there are is common to all";

/** The pictures and files of one kind of thing. */
function attachments(thing: keyof Side["attachments"], idOf: (side: Side) => number): Record<string, Trial> {
  const path = `/${thing}/{id}/attachments`;
  const all = { kind: "one", ids: (s: Side) => ({ id: idOf(s) }), unknown: { id: UNKNOWN } } as const;
  const one = {
    kind: "one",
    ids: (s: Side) => ({ id: idOf(s), attachment_id: s.attachments[thing] }),
    unknown: { id: UNKNOWN, attachment_id: UNKNOWN },
  } as const;
  return {
    [`GET ${path}`]: all,
    [`POST ${path}`]: { ...all, body: () => ({ note: "a file" }) },
    [`GET ${path}/{attachment_id}`]: one,
    [`DELETE ${path}/{attachment_id}`]: { ...one, last: true },
  };
}

const CATALOGUE = common("the catalogue is common to all");

/** The operations on what things have beside their own fields, and on where goods are put. */
export const PLACE_TRIALS: Readonly<Record<string, Trial>> = {
  "GET /custom-fields": common(FIELDS),
  "POST /custom-fields": hidden(),
  "GET /custom-fields/{id}": common(FIELDS),
  "PUT /custom-fields/{id}": hidden(),
  "DELETE /custom-fields/{id}": hidden(),
  "GET /items/{id}/attachments": CATALOGUE,
  "POST /items/{id}/attachments": CATALOGUE,
  "GET /items/{id}/attachments/{attachment_id}": CATALOGUE,
  "DELETE /items/{id}/attachments/{attachment_id}": CATALOGUE,
  ...attachments("locations", (s) => s.location),
  ...attachments("parties", (s) => s.owner),
  ...attachments("shipments", (s) => s.shipment),
  ...attachments("vehicles", (s) => s.vehicle),
  "GET /locations/utilisation": { kind: "list", key: (s) => s.location },
  "GET /analytics/eta-quality": { kind: "list", key: (s) => `${s.location}-${s.shelf}-60` },
  "GET /analytics/eta-quality.csv": common("the same rows as the list"),
  "GET /locations/{id}/utilisation": { kind: "one", ids: (s) => ({ id: s.shelf }), unknown: { id: UNKNOWN } },
  "GET /locations/{id}/put-away": { kind: "one", ids: (s) => ({ id: s.dock }), unknown: { id: UNKNOWN } },
  "POST /locations/{id}/put-away": {
    kind: "one",
    ids: (s) => ({ id: s.dock }),
    unknown: { id: UNKNOWN },
    body: (s) => ({ inventory_item_id: s.arrived, location_id: s.shelf, quantity: 1 }),
    refers: [(s) => ({ inventory_item_id: s.arrived }), (s) => ({ location_id: s.shelf })],
  },
};
