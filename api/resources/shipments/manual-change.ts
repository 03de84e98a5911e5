import type { PoolClient } from "pg";
import type { ShipmentStatus, Stage } from "../../../ingest/domain/fact.ts";
import type { Limits } from "../../auth/principal.ts";
import { invalid, unknownReference } from "../../http/problem.ts";
import { findLocationOfStage } from "../locations/default-locations.ts";
import { findLocation } from "../locations/queries.ts";

/** Where a person says a shipment is; the location is null when only a stage is told, whose default location was deleted. */
export interface PlaceOfShipment {
  stage: Stage;
  locationId: number | null;
}

/**
 * Resolves a location id, or a stage: that stage's default location. A principal that is limited to locations must mean one of them.
 * @throws Problem 400
 */
export async function resolveLocation(
  client: PoolClient,
  location: Stage | number,
  { locationIds }: Limits,
): Promise<PlaceOfShipment> {
  if (typeof location === "string") {
    const locationId = (await findLocationOfStage(client, location)) ?? null;
    if (locationId === null && locationIds !== null)
      throw invalid("/location", "there is no default location of this stage: give the id of a location");
    return { stage: location, locationId };
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
  location: PlaceOfShipment | undefined,
): { status: ShipmentStatus | null; stage: Stage | null; locationId: number | null } {
  if (location) return { status: status ?? null, ...location };
  return { status: status ?? null, stage: (status && STAGE_OF[status]) ?? null, locationId: null };
}
