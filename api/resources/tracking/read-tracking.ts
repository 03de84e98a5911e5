import type { Pool } from "pg";
import type { Stage } from "../../../ingest/domain/fact.ts";
import { foldShipment } from "../../../ingest/domain/shipment/shipment.ts";
import { loadContext, loadHistory } from "../shipments/history-queries.ts";
import { coarsePosition, GRID_M } from "./coarse-position.ts";
import type { PublicTracking } from "./schema.ts";

/** What is told of a shipment, and how: in whose language, by which clock. */
export interface Tracking {
  view: PublicTracking;
  /** of the party that the goods are for, e.g. `de`; null: nobody has said */
  language: string | null;
  /** IANA; of the place it goes to */
  timeZone: string | null;
}

interface TrackedShipment {
  trackingNumber: string;
  destinationId: number | null;
  dueAt: Date | null;
  isHighValue: boolean;
  isUnderWay: boolean;
  language: string | null;
  timeZone: string | null;
  lat: number | null;
  lon: number | null;
  measuredAt: Date | null;
  eta: Date | null;
  estimatedAt: Date | null;
}

/** What the public may know of a shipment. It is not asked who asks: the token was checked before. */
export async function readTracking(pool: Pool, shipmentId: number, now: Date): Promise<Tracking | undefined> {
  const shipment = await findTracked(pool, shipmentId);
  if (!shipment) return undefined;
  const facts = await loadHistory(pool, shipmentId);
  const context = await loadContext(pool, { id: shipmentId, destination_id: shipment.destinationId });
  const events = foldShipment(facts, context)?.events ?? [];
  const last = events.at(-1);
  if (!last) return undefined;
  const { status, stage, locationId } = last.state;
  const changed = events[events.findLastIndex(({ state }) => state.status !== status) + 1]!;
  const stages: { stage: Stage; reached_at: Date }[] = [];
  for (const { fact, state } of events) {
    if (!stages.some((reached) => reached.stage === state.stage))
      stages.push({ stage: state.stage, reached_at: new Date(fact.at) });
  }
  const seen = events.findLast(({ state }) => state.locationId !== null)?.state.locationId ?? null;
  const elsewhere = events.findLastIndex(({ state }) => state.locationId !== seen && state.locationId !== null);
  const since = events.slice(elsewhere + 1).find(({ state }) => state.locationId === seen);
  const name = seen === null ? undefined : await nameOf(pool, seen);
  const view: PublicTracking = {
    tracking_number: shipment.trackingNumber,
    status,
    status_since: new Date(changed.fact.at),
    stage,
    stages,
    due_at: shipment.dueAt,
    eta: etaOf(shipment, now),
    place:
      name === undefined || !since ? null : { name, since: new Date(since.fact.at), is_there: locationId === seen },
    position: positionOf(shipment, now),
    as_of: now,
  };
  return { view, language: shipment.language, timeZone: shipment.timeZone };
}

function etaOf({ isUnderWay, eta, estimatedAt }: TrackedShipment, now: Date): PublicTracking["eta"] {
  if (!isUnderWay || eta === null || estimatedAt === null) return null;
  return { at: eta, estimated_at: estimatedAt, age_s: ageOf(estimatedAt, now) };
}

function positionOf({ isHighValue, lat, lon, measuredAt }: TrackedShipment, now: Date): PublicTracking["position"] {
  if (isHighValue || lat === null || lon === null || measuredAt === null) return null;
  return {
    ...coarsePosition({ lat, lon }),
    rounded_to_m: GRID_M,
    measured_at: measuredAt,
    age_s: ageOf(measuredAt, now),
  };
}

/** A tracker's clock may be ahead of ours. */
const ageOf = (at: Date, now: Date): number => Math.max(0, Math.round((now.getTime() - at.getTime()) / 1000));

async function findTracked(pool: Pool, shipmentId: number): Promise<TrackedShipment | undefined> {
  const { rows } = await pool.query<TrackedShipment>({
    name: "api_public_tracking",
    text: `SELECT s.tracking_number AS "trackingNumber", s.destination_id AS "destinationId", s.due_at AS "dueAt",
        'high_value' = ANY (s.profiles) AS "isHighValue",
        s.status NOT IN ('delivered', 'returned', 'cancelled') AS "isUnderWay",
        coalesce(c.language, w.language) AS language, coalesce(d.time_zone, l.time_zone, o.time_zone) AS "timeZone",
        p.lat, p.lon, p.ts AS "measuredAt", e.eta, e.estimated_at AS "estimatedAt"
      FROM shipments s
        LEFT JOIN orders r ON r.id = s.order_id LEFT JOIN parties c ON c.id = r.customer_id
        LEFT JOIN parties w ON w.id = s.owner_id
        LEFT JOIN locations d ON d.id = s.destination_id LEFT JOIN locations l ON l.id = s.location_id
        LEFT JOIN locations o ON o.id = s.origin_id
        LEFT JOIN vehicle_positions p ON p.vehicle_id = s.vehicle_id
        LEFT JOIN arrival_estimates e ON e.shipment_id = s.id AND s.vehicle_id IS NOT NULL
      WHERE s.id = $1`,
    values: [shipmentId],
  });
  return rows[0];
}

async function nameOf(pool: Pool, locationId: number): Promise<string | undefined> {
  const { rows } = await pool.query<{ name: string }>("SELECT name FROM locations WHERE id = $1", [locationId]);
  return rows[0]?.name;
}
