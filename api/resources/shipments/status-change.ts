import type { PoolClient } from "pg";
import type { ShipmentStatus } from "../../../ingest/domain/fact.ts";
import { foldShipment } from "../../../ingest/domain/shipment/shipment.ts";
import { fitsPlace, NEXT_STATUSES } from "../../../ingest/domain/shipment/status-edges.ts";
import { beyondLimits } from "../../auth/limits.ts";
import { invalid, refusedStatus } from "../../http/problem.ts";
import { loadContext, loadHistory } from "./history-queries.ts";
import type { PlaceOfShipment } from "./manual-change.ts";
import { getShipment } from "./queries.ts";

/**
 * The status a shipment had at `at`, or has now when `at` is undefined or before its first event.
 * @throws Problem 404 when there is no such shipment
 */
async function statusAt(client: PoolClient, id: number, at: Date | undefined): Promise<ShipmentStatus> {
  const shipment = await getShipment(client, id);
  if (at === undefined) return shipment.status;
  const events = await beyondLimits(client, async () => {
    const context = await loadContext(client, shipment);
    return foldShipment(await loadHistory(client, id), context)?.events ?? [];
  });
  return events.findLast(({ fact }) => fact.at <= at.getTime())?.state.status ?? shipment.status;
}

/**
 * Checks a change that a person reports. A report about the past is checked against the status of that time.
 * @throws Problem 409 naming the statuses that are allowed, 400 when status and location contradict each other
 */
export async function checkStatusChange(
  client: PoolClient,
  shipment: { id: number; destination_id: number | null },
  {
    status,
    place,
    at,
  }: { status: ShipmentStatus | undefined; place: PlaceOfShipment | undefined; at: Date | undefined },
): Promise<void> {
  const before = await statusAt(client, shipment.id, at);
  const allowed = NEXT_STATUSES[before];
  if (status !== undefined && status !== before && !allowed.includes(status)) {
    throw refusedStatus("/status", `a shipment that is ${before} cannot become ${status}`, allowed);
  }
  // Without a status the place decides it: that would move goods which are delivered or cancelled.
  if (status === undefined && place !== undefined && isClosed(before)) {
    throw refusedStatus("/location", `a shipment that is ${before} cannot be moved`, allowed);
  }
  if (status === undefined || place === undefined) return;
  const isDestination = place.locationId !== null && place.locationId === shipment.destination_id;
  if (!fitsPlace(status, place.stage, isDestination)) {
    throw invalid("/status", `${status} contradicts the location, whose stage is ${place.stage}`);
  }
}

/**
 * Checks a loading, an unloading or a proof of delivery.
 * @throws Problem 409 when the shipment was cancelled at that time
 */
export async function checkHandling(client: PoolClient, id: number, at: Date | undefined): Promise<void> {
  if ((await statusAt(client, id, at)) === "cancelled") {
    throw refusedStatus("", "a shipment that is cancelled cannot be handled", NEXT_STATUSES.cancelled);
  }
}

const isClosed = (status: ShipmentStatus): boolean => status === "delivered" || status === "cancelled";
