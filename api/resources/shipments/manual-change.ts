import type { PoolClient } from "pg";
import type { ShipmentStatus, Stage } from "../../../ingest/domain/fact.ts";
import { unknownReference } from "../../http/problem.ts";
import { findLocation, findLocationOfStage } from "../locations/queries.ts";

/** Resolves a location id, or a stage: its location is known only when it is the only one of that stage. @throws Problem 400 */
export async function resolveLocation(
  client: PoolClient,
  location: Stage | number,
): Promise<{ stage: Stage; locationId: number | null }> {
  if (typeof location === "string") {
    return { stage: location, locationId: (await findLocationOfStage(client, location)) ?? null };
  }
  const found = await findLocation(client, location);
  if (!found) throw unknownReference("/location", "location");
  // A location without a stage counts as storage.
  return { stage: found.stage ?? "storage", locationId: location };
}

/** The stage that follows from a status. */
const STAGE_OF: Partial<Record<ShipmentStatus, Stage>> = {
  in_production: "production",
  in_storage: "storage",
  in_transit: "transportation",
  out_for_delivery: "transportation",
  delivered: "delivery",
};

/** Completes a manual change: a status alone implies its stage; what a location means for the status, the fold says. */
export function manualData(
  status: ShipmentStatus | undefined,
  location: { stage: Stage; locationId: number | null } | undefined,
): { status: ShipmentStatus | null; stage: Stage | null; locationId: number | null } {
  if (location) return { status: status ?? null, ...location };
  return { status: status ?? null, stage: (status && STAGE_OF[status]) ?? null, locationId: null };
}
