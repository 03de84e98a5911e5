import type { PoolClient } from "pg";
import type { Subject } from "../../../ingest/domain/fact.ts";
import { type Handling, handlingsOf, type NamedShipment } from "../../../ingest/domain/trip/handlings.ts";
import { Problem, type ProblemDetail } from "../../http/problem.ts";
import { loadPlaces } from "../shipments/history-queries.ts";
import type { NewTrip } from "./schema.ts";

const CLOSED: ReadonlySet<string> = new Set(["delivered", "cancelled"]);

/** The first place that the vehicle has left since it has the goods: a person may have told of the loading up to two minutes late. */
const LOADED_AT = `(SELECT (f.data ->> 'locationId')::int FROM shipment_on_vehicle o
  JOIN facts f ON f.subject = 'vehicle:' || o.vehicle_id AND f.type = 'departed' AND f.withdrawn_at IS NULL AND f.at >= o.from_at - interval '2 minutes'
  WHERE o.shipment_id = s.id AND o.vehicle_id = s.vehicle_id AND o.to_at IS NULL ORDER BY f.at LIMIT 1)`;

/**
 * What is loaded and unloaded at the stops of a trip. The shipments are locked against deletion.
 * @param planned shipments that the trip names already: those may have been delivered meanwhile
 * @throws Problem 400 naming every shipment that does not exist, 409 every one that is delivered or cancelled
 */
export async function plannedHandlings(
  client: PoolClient,
  tripId: number,
  stops: NewTrip["stops"],
  planned: ReadonlySet<number>,
): Promise<Handling[]> {
  const named = stops.flatMap(({ shipment_ids: ids }, at) =>
    ids.map((id, nth) => ({ id, pointer: `/stops/${at}/shipment_ids/${nth}` })),
  );
  if (named.length === 0) return [];
  const { rows } = await client.query<NamedShipment & { status: string; tracking: string }>(
    `SELECT s.id, s.status, s.tracking_number AS tracking, s.destination_id AS "destinationId",
      coalesce(s.vehicle_id = t.vehicle_id, false) AS "isAboard",
      coalesce(s.location_id, CASE WHEN s.vehicle_id = t.vehicle_id THEN ${LOADED_AT} END) AS "fromId"
    FROM shipments s JOIN trips t ON t.id = $2 WHERE s.id = ANY($1::int[]) ORDER BY s.id FOR KEY SHARE OF s`,
    [named.map(({ id }) => id), tripId],
  );
  const shipments = new Map(rows.map((row) => [row.id, row]));
  const unknown = named.filter(({ id }) => !shipments.has(id));
  if (unknown.length > 0) throw refusal(400, unknown, () => "there is no shipment with this id");
  const closed = named.filter(({ id }) => CLOSED.has(shipments.get(id)!.status) && !planned.has(id));
  if (closed.length > 0) {
    throw refusal(409, closed, ({ id }) => {
      const { tracking, status } = shipments.get(id)!;
      return `shipment ${tracking} is ${status}: it cannot be planned for a trip`;
    });
  }
  const atStops = stops.map(({ location_id: locationId, shipment_ids: shipmentIds }) => ({ locationId, shipmentIds }));
  return handlingsOf(atStops, rows, await loadPlaces(client));
}

function refusal<N extends { pointer: string }>(
  status: number,
  named: readonly N[],
  messageOf: (of: N) => string,
): Problem {
  const errors = named.map((one): ProblemDetail => ({ pointer: one.pointer, message: messageOf(one) }));
  return new Problem(status, errors[0]!.message, { errors });
}

interface StoredHandling {
  shipmentId: number;
  vehicleId: number;
  /** what the plan says of it, to be compared */
  plan: string;
}

/** What a trip plans for its shipments now; nothing once it is cancelled. Read without limits: folds need all. */
export async function plansOfShipments(client: PoolClient, tripId: number): Promise<StoredHandling[]> {
  const { rows } = await client.query<StoredHandling>(
    `SELECT h.shipment_id AS "shipmentId", t.vehicle_id AS "vehicleId",
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
