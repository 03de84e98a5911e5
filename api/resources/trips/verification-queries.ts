import type { Pool } from "pg";
import { loadPlacesBelow, loadTripEvidence } from "../../../ingest/decisions/record-facts.ts";
import { type PlannedLoad, stopsToVerify } from "../../../ingest/domain/trip/stops-to-verify.ts";
import { verifyTrip } from "../../../ingest/domain/trip/verification.ts";
import type { VerifiedHandling } from "../../../ingest/domain/trip/verified.ts";
import type { Reader } from "../../auth/limits.ts";
import type { Trip, VerifiedUnit } from "./schema.ts";

/** Holds what was to be loaded and unloaded against what was read. Facts are read without limits; of shipments only those are named that `db` shows. */
export async function readVerification(db: Reader, pool: Pool, trip: Trip) {
  const places = await loadPlacesBelow(
    pool,
    trip.stops.map(({ location_id: id }) => id),
  );
  const stops = stopsToVerify(trip.stops.map(plannedLoad), places);
  const verified = verifyTrip(stops, await loadTripEvidence(pool, trip.vehicle_id, stops));
  const handlings = verified.flatMap(({ load, unload }) => [load, unload]);
  const named = handlings.flatMap(({ read, missing, extra }) => [...read, ...missing, ...extra]);
  const shipments = await trackingNumbers(
    db,
    named.flatMap(({ shipmentId: id }) => (id === null ? [] : [id])),
  );
  const verifiedStops = trip.stops.map(({ sequence, location_id, location }, at) => ({
    sequence,
    location_id,
    location,
    is_final: stops[at]!.hasLeft || stops[at]!.isSkipped,
    load: handlingOf(verified[at]!.load, shipments),
    unload: handlingOf(verified[at]!.unload, shipments),
  }));
  return { trip_id: trip.id, stops: verifiedStops };
}

function handlingOf({ expected, read, missing, extra }: VerifiedHandling, shipments: ReadonlyMap<number, string>) {
  const unitOf = ({ shipmentId, sscc, epc, at, by }: VerifiedHandling["read"][number]): VerifiedUnit => {
    const tracking = shipmentId === null ? undefined : shipments.get(shipmentId);
    const isVisible = tracking !== undefined;
    return {
      shipment_id: isVisible ? shipmentId : null,
      tracking_number: tracking ?? null,
      sscc: isVisible ? sscc : null,
      epc,
      at: at === null ? null : new Date(at),
      by,
    };
  };
  return {
    expected,
    read: read.map(unitOf),
    missing: missing.map(unitOf),
    extra: extra.map(unitOf),
    read_rate: expected === 0 ? null : read.length / expected,
  };
}

function plannedLoad(stop: Trip["stops"][number]): PlannedLoad {
  const idsOf = (action: "load" | "unload") =>
    stop.shipments.flatMap((named) => (named.action === action ? [named.id] : []));
  return {
    locationId: stop.location_id,
    windowFrom: stop.window.from.getTime(),
    state: stop.state,
    arrivedAt: stop.arrived_at?.getTime() ?? null,
    departedAt: stop.departed_at?.getTime() ?? null,
    load: idsOf("load"),
    unload: idsOf("unload"),
  };
}

async function trackingNumbers(db: Reader, ids: readonly number[]): Promise<Map<number, string>> {
  const { rows } = await db.query<{ id: number; tracking: string }>(
    "SELECT id, tracking_number AS tracking FROM shipments WHERE id = ANY($1::int[])",
    [ids],
  );
  return new Map(rows.map(({ id, tracking }) => [id, tracking]));
}
