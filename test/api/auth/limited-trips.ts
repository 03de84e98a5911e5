import { common, type Trial, UNKNOWN } from "./limited-trial.ts";
import type { Side } from "./limited-world.ts";

const DRIVERS = "drivers are common to all, like vehicles";
const trip = (more: object = {}): Trial => ({
  kind: "one",
  ids: (s) => ({ id: s.trip }),
  unknown: { id: UNKNOWN },
  ...more,
});
const window = (day: number) => ({ from: `2031-01-0${day}T08:00:00Z`, to: `2031-01-0${day}T09:00:00Z` });
const stops = (s: Side, day: number) => [{ location_id: s.location, window: window(day), shipment_ids: [s.shipment] }];

/** Trips of vehicles, and who drives. */
export const TRIP_TRIALS: Readonly<Record<string, Trial>> = {
  "GET /drivers": common(DRIVERS),
  "POST /drivers": common(DRIVERS),
  "GET /drivers/{id}": common(DRIVERS),
  "PUT /drivers/{id}": common(DRIVERS),
  "DELETE /drivers/{id}": common(DRIVERS),
  "GET /trips": { kind: "list", key: (s) => s.trip },
  "POST /trips": {
    kind: "new",
    body: (s) => ({ vehicle_id: s.vehicle, stops: stops(s, 2) }),
    refers: [
      (s) => ({ vehicle_id: s.vehicle }),
      (s) => ({ stops: [{ location_id: s.location, window: window(3) }] }),
      (s) => ({ stops: [{ location_id: 1, window: window(3), shipment_ids: [s.shipment] }] }),
    ],
  },
  "GET /trips/{id}": trip(),
  "PUT /trips/{id}": trip({ body: (s: Side) => ({ driver: "Ada", stops: stops(s, 4) }) }),
  "GET /trips/{id}/verification": trip(),
  "POST /trips/{id}/cancel": trip({ body: () => ({}), last: true }),
  "DELETE /trips/{id}": trip({ last: true }),
};
