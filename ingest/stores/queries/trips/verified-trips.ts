import type { Pool, PoolClient } from "pg";
import { nextArrivalAfter, type PlannedLoad, stopsToVerify } from "../../../domain/trip/stops-to-verify.ts";
import { verifyTrip } from "../../../domain/trip/verification.ts";
import type { VerifiedStop } from "../../../domain/trip/verified.ts";
import { msOfTime } from "../../sql-time.ts";
import { loadPlacesBelow, loadTripEvidence } from "./trip-evidence.ts";

export interface VerifiedTripStop extends VerifiedStop {
  /** from 1 */
  sequence: number;
  locationId: number;
  /** when the vehicle left it, or was known not to stop there, epoch milliseconds; null: neither yet */
  finalAt: number | null;
  /** of some stop of the trip it is said what is loaded or unloaded */
  plansGoods: boolean;
}

export interface VerifiedTrip {
  id: number;
  stops: VerifiedTripStop[];
}

interface TripRow {
  id: number;
  vehicleId: number;
  changedAt: number;
  stops: (PlannedLoad & { sequence: number })[];
}

/** Holds what was to be loaded and unloaded on these trips against what was read. Those that are cancelled or removed are left out. */
export async function loadVerifiedTrips(db: Pool | PoolClient, ids: readonly number[]): Promise<VerifiedTrip[]> {
  const { rows } = await db.query<TripRow>({
    name: "trips_to_verify",
    text: `SELECT t.id, t.vehicle_id AS "vehicleId", ${msOfTime("t.updated_at")} AS "changedAt",
        (SELECT coalesce(json_agg(json_build_object('sequence', s.sequence, 'locationId', s.location_id, 'windowFrom', ${msOfTime("s.window_from")},
            'state', s.state, 'arrivedAt', ${msOfTime("s.arrived_at")}, 'departedAt', ${msOfTime("s.departed_at")},
            'load', coalesce(h.load, '{}'), 'unload', coalesce(h.unload, '{}')) ORDER BY s.sequence), '[]')
          FROM trip_stops s LEFT JOIN LATERAL (
            SELECT array_agg(shipment_id) FILTER (WHERE action = 'load') AS load, array_agg(shipment_id) FILTER (WHERE action = 'unload') AS unload
            FROM trip_stop_shipments h WHERE h.trip_id = s.trip_id AND h.sequence = s.sequence) h ON true
          WHERE s.trip_id = t.id) AS stops
      FROM trips t WHERE t.id = ANY ($1::int[]) AND t.cancelled_at IS NULL ORDER BY t.id`,
    values: [ids],
  });
  const places = await loadPlacesBelow(db, [...new Set(rows.flatMap(({ stops }) => stops.map((s) => s.locationId)))]);
  const trips: VerifiedTrip[] = [];
  for (const { id, vehicleId, changedAt, stops } of rows) {
    const toVerify = stopsToVerify(stops, places);
    const plansGoods = stops.some(({ load, unload }) => load.length + unload.length > 0);
    const verified = verifyTrip(toVerify, await loadTripEvidence(db, vehicleId, toVerify));
    trips.push({
      id,
      stops: stops.map(({ sequence, locationId, departedAt }, at) => ({
        ...verified[at]!,
        sequence,
        locationId,
        plansGoods,
        finalAt:
          toVerify[at]!.hasLeft || toVerify[at]!.isSkipped
            ? (departedAt ?? nextArrivalAfter(stops, at) ?? changedAt)
            : null,
      })),
    });
  }
  return trips;
}
