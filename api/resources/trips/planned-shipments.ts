import type { PoolClient } from "pg";
import type { Subject } from "../../../ingest/domain/fact.ts";
import { type Handling, handlingsOf, type NamedShipment } from "../../../ingest/domain/trip/handlings.ts";
import { Problem, type ProblemDetail } from "../../http/problem.ts";
import { loadPlaces } from "../shipments/history-queries.ts";
import type { NewTrip } from "./schema.ts";

const CLOSED: ReadonlySet<string> = new Set(["delivered", "cancelled"]);

/** Clocks may be off by two minutes: a departure so little before is after the goods were taken, an arrival so little after is before. */
const IS_SINCE = `(f.type = 'departed' AND f.at >= o.from_at - interval '2 minutes' OR f.type = 'arrived' AND f.at > o.from_at + interval '2 minutes')`;
/** `what` of the first arrival or departure of the vehicle since it took the goods, or of the last one before. */
const trackSays = (what: string, when: "since" | "before"): string => `(SELECT ${what} FROM facts f
  WHERE f.subject = 'vehicle:' || o.vehicle_id AND f.type IN ('arrived', 'departed') AND f.withdrawn_at IS NULL
    AND ${when === "since" ? IS_SINCE : `NOT ${IS_SINCE}`} ORDER BY f.at ${when === "since" ? "" : "DESC"} LIMIT 1)`;
const PLACE = "(f.data ->> 'locationId')::int";
/**
 * Where goods aboard were loaded: at the place that their vehicle left next, unless it arrived there first. Then it was on the road already,
 * and a person has told of it late: at the last place before.
 */
const LOADED_AT = `(SELECT coalesce(${trackSays(`CASE f.type WHEN 'departed' THEN ${PLACE} END`, "since")}, ${trackSays(PLACE, "before")})
  FROM shipment_on_vehicle o WHERE o.shipment_id = s.id AND o.vehicle_id = s.vehicle_id AND o.to_at IS NULL LIMIT 1)`;

/**
 * What is loaded and unloaded at the stops of a trip. The shipments are locked against deletion.
 * @param vehicleId that of the trip
 * @param planned what the trip has planned until now: shipments that it names already may have been delivered meanwhile
 * @throws Problem 400 naming every shipment that does not exist, 409 every one that is delivered or cancelled
 */
export async function plannedHandlings(
  client: PoolClient,
  vehicleId: number,
  stops: NewTrip["stops"],
  planned: readonly PlannedHandling[],
): Promise<Handling[]> {
  const named = stops.flatMap(({ shipment_ids: ids }, at) =>
    ids.map((id, nth) => ({ id, pointer: `/stops/${at}/shipment_ids/${nth}` })),
  );
  if (named.length === 0) return [];
  const { rows } = await client.query<Omit<NamedShipment, "planned"> & { status: string; tracking: string }>(
    `SELECT id, status, tracking_number AS tracking, destination_id AS "destinationId", coalesce(vehicle_id = $2, false) AS "isAboard",
      coalesce(CASE WHEN vehicle_id = $2 THEN ${LOADED_AT} END, location_id) AS "fromId"
    FROM shipments s WHERE id = ANY($1::int[]) ORDER BY id FOR KEY SHARE`,
    [named.map(({ id }) => id), vehicleId],
  );
  const shipments = new Map(rows.map((row) => [row.id, row]));
  const unknown = named.filter(({ id }) => !shipments.has(id));
  if (unknown.length > 0) throw refusal(400, unknown, () => "there is no shipment with this id");
  const isNamedAlready = (id: number): boolean => planned.some(({ shipmentId }) => shipmentId === id);
  const closed = named.filter(({ id }) => CLOSED.has(shipments.get(id)!.status) && !isNamedAlready(id));
  if (closed.length > 0) {
    throw refusal(409, closed, ({ id }) => {
      const { tracking, status } = shipments.get(id)!;
      return `shipment ${tracking} is ${status}: it cannot be planned for a trip`;
    });
  }
  const atStops = stops.map(({ location_id: locationId, shipment_ids: shipmentIds }) => ({ locationId, shipmentIds }));
  const withPlans = rows.map((row) => ({ ...row, planned: planned.filter(({ shipmentId }) => shipmentId === row.id) }));
  return handlingsOf(atStops, withPlans, await loadPlaces(client));
}

function refusal<N extends { pointer: string }>(
  status: number,
  named: readonly N[],
  messageOf: (of: N) => string,
): Problem {
  const errors = named.map((one): ProblemDetail => ({ pointer: one.pointer, message: messageOf(one) }));
  return new Problem(status, errors[0]!.message, { errors });
}

export interface PlannedHandling {
  shipmentId: number;
  locationId: number;
  action: Handling["action"];
}

interface StoredHandling extends PlannedHandling {
  vehicleId: number;
  /** what the plan says of it, to be compared */
  plan: string;
}

/** What a trip plans for its shipments now; nothing once it is cancelled. Read without limits: folds need all. */
export async function plansOfShipments(client: PoolClient, tripId: number): Promise<StoredHandling[]> {
  const { rows } = await client.query<StoredHandling>(
    `SELECT h.shipment_id AS "shipmentId", s.location_id AS "locationId", h.action, t.vehicle_id AS "vehicleId",
      concat_ws(' ', t.vehicle_id, h.action, s.location_id, t.starts_at, t.ends_at, t.driver_id, t.driver_name) AS plan
    FROM trip_stop_shipments h JOIN trips t ON t.id = h.trip_id AND t.cancelled_at IS NULL
      JOIN trip_stops s ON s.trip_id = h.trip_id AND s.sequence = h.sequence WHERE h.trip_id = $1 ORDER BY 1, 3`,
    [tripId],
  );
  return rows;
}

/** The shipments whose plan is another one now: what follows from it is folded again. */
export function changedShipments(before: readonly StoredHandling[], after: readonly StoredHandling[]): Subject[] {
  const keyOf = ({ shipmentId, plan }: StoredHandling): string => `${shipmentId} ${plan}`;
  const [was, is] = [new Set(before.map(keyOf)), new Set(after.map(keyOf))];
  const changed = [...before.filter((one) => !is.has(keyOf(one))), ...after.filter((one) => !was.has(keyOf(one)))];
  return [...new Set(changed.map(({ shipmentId }) => shipmentId))].map((id): Subject => `shipment:${id}`);
}
