import { z } from "@hono/zod-openapi";
import { stopEta } from "../shipments/eta-schema.ts";
import { id, instant, name, nullableTimestamp, stamps, timestamp } from "../../http/fields.ts";

export const TRIP_STATUSES = ["planned", "under_way", "completed", "cancelled"] as const;
export const STOP_STATES = ["expected", "there", "left", "passed", "skipped", "unseen"] as const;
const DAY_MS = 86_400_000;
export const MAX_TRIP_DAYS = 31;

const window = z
  .strictObject({ from: instant, to: instant })
  .refine(({ from, to }) => from <= to, { path: ["to"], message: "the window ends before it begins" });

const newStop = z.strictObject({
  location_id: id,
  window: window.describe("when the vehicle should arrive; at the first stop: when it should leave"),
  shipment_ids: z
    .array(id)
    .max(200)
    .default([])
    .describe(
      "what is loaded or unloaded there. Named at two stops, it is loaded at the first and unloaded at the second. Named at one stop: 1. what the trip has planned there before stays; 2. at its destination, or after the stop that it comes from, it is unloaded, and loaded at that earlier stop; 3. at the stop that it comes from it is loaded, and unloaded at its destination if that is a later stop; 4. anywhere else it is loaded if that is the first of several stops, or if its destination is a later stop, and else unloaded. Goods aboard the vehicle come from where they were loaded, and are unloaded in case 4",
    ),
});
type NewStop = z.output<typeof newStop>;

/** The stops of a request, in their order. */
const newStops = z
  .array(newStop)
  .min(1)
  .max(50)
  .superRefine((stops, context) => {
    const refuse = (path: (string | number)[], message: string) => context.addIssue({ code: "custom", path, message });
    const namedAt = new Map<number, number[]>();
    for (const [at, { window, shipment_ids: ids }] of stops.entries()) {
      const before = stops[at - 1];
      if (before && window.from < before.window.from) {
        refuse([at, "window", "from"], "the window begins before that of the stop before it");
      }
      for (const [nth, id] of ids.entries()) {
        const others = namedAt.get(id) ?? [];
        if (others.includes(at)) refuse([at, "shipment_ids", nth], "the shipment is named twice at this stop");
        else if (others.length === 2) refuse([at, "shipment_ids", nth], "the shipment is named at two stops already");
        else namedAt.set(id, [...others, at]);
      }
    }
    if (lengthMs(stops) > MAX_TRIP_DAYS * DAY_MS) refuse([], `a trip lasts ${MAX_TRIP_DAYS} days at most`);
    if (namedAt.size > 500) refuse([], "a trip has 500 shipments at most");
  });

function lengthMs(stops: readonly NewStop[]): number {
  return Math.max(...stops.map(({ window }) => window.to.getTime())) - (stops[0]?.window.from.getTime() ?? 0);
}

const plan = {
  vehicle_id: id,
  driver: z
    .union([id, name])
    .nullable()
    .optional()
    .describe("the id of a driver, or a name; a name that one driver has means that driver"),
  stops: newStops.describe("in the order in which they are driven"),
};

export const newTrip = z.strictObject(plan).openapi("NewTrip");
export type NewTrip = z.output<typeof newTrip>;
export const tripChange = z.strictObject(plan).partial().openapi("TripChange");
export type TripChange = z.output<typeof tripChange>;
export const tripCancelling = z.strictObject({}).openapi("TripCancelling");

const stop = z.object({
  sequence: z.number().int(),
  location_id: id,
  location: z.string(),
  window: z.object({ from: timestamp, to: timestamp }),
  shipment_ids: z.array(id),
  shipments: z.array(z.object({ id, tracking_number: z.string(), action: z.enum(["load", "unload"]) })),
  state: z
    .enum(STOP_STATES)
    .describe(
      "by the vehicle's own arrivals and departures. passed: it drove through without a stop; skipped: it was at a later stop, or set out for its next trip; unseen: the place has no geofence",
    ),
  arrived_at: nullableTimestamp.describe("null beside `there` and `left`: it was there before anything is known of it"),
  departed_at: nullableTimestamp,
  deviation_minutes: z
    .number()
    .int()
    .nullable()
    .describe(
      "minutes early (negative) or late against the window, by the arrival; at the first stop by the departure. 0: within it, null: not known yet",
    ),
  dwell_minutes: z.number().int().nullable().describe("how long it was there"),
  eta: stopEta
    .nullable()
    .describe(
      "when it is expected there; null: it was there, or the trip is not under way and does not begin within the hour",
    ),
});

const unplannedStop = z.object({
  location_id: id.nullable().describe("null: in the street"),
  location: z.string().nullable(),
  lat: z.number().nullable(),
  lon: z.number().nullable(),
  arrived_at: timestamp,
  departed_at: nullableTimestamp,
  dwell_minutes: z.number().int().nullable(),
});

export const trip = z
  .object({
    id,
    vehicle_id: id,
    vehicle: z.string().nullable().describe("null: a vehicle that is not among those that you may see now"),
    driver: z.object({ id: id.nullable().describe("null: a name alone"), name: z.string() }).nullable(),
    status: z.enum(TRIP_STATUSES),
    starts_at: timestamp.describe("where the first window begins"),
    ends_at: timestamp.describe("where the last window ends"),
    stops: z.array(stop),
    unplanned_stops: z
      .array(unplannedStop)
      .describe("where it stood for five minutes or more although no stop was planned there"),
    cancelled_at: nullableTimestamp,
    ...stamps,
  })
  .openapi("Trip");
export type Trip = z.output<typeof trip>;

const unit = z.object({
  shipment_id: id.nullable().describe("null: the tag is of no shipment that you may see"),
  tracking_number: z.string().nullable(),
  sscc: z.string().nullable().describe("of the handling unit; null: the shipment as a whole, or a tag without one"),
  epc: z.string().nullable().describe("the tag that was read, or that should have been"),
  at: nullableTimestamp.describe("when it was read; null: it was not"),
  by: z
    .enum(["gate", "reader_aboard", "scan", "booking"])
    .nullable()
    .describe("a gate or reader of the place, the reader on the vehicle, a scan, or a person's word"),
});
export type VerifiedUnit = z.output<typeof unit>;

const handling = z.object({
  expected: z.number().int().describe("units: handling units, tags bound by hand, and shipments that have neither"),
  read: z.array(unit),
  missing: z.array(unit).describe("not read; empty until the vehicle has left the stop"),
  extra: z.array(unit).describe("read although it belongs to other shipments, or to none"),
  read_rate: z.number().nullable().describe("read of expected, 0 to 1; null: nothing is expected"),
});

const verifiedStop = z.object({
  sequence: z.number().int(),
  location_id: id,
  location: z.string(),
  is_final: z.boolean().describe("the vehicle has left the stop, or has skipped it"),
  load: handling,
  unload: handling,
});

export const verification = z.object({ trip_id: id, stops: z.array(verifiedStop) }).openapi("TripVerification");
