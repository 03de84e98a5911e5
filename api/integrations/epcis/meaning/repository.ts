import type { PoolClient } from "pg";
import { CONTEXT, type EpcisEvent } from "../../../../ingest/domain/epcis/event.ts";
import { appendEpcisEvents, type NewEpcisEvent } from "../repository/append.ts";
import type { JsonObject } from "../json.ts";

/** An event of ours, with where it happened and whose goods it is about. */
export interface ToldEvent {
  event: EpcisEvent;
  locationId: number | null;
  ownerId: number | null;
}

/** Adds what the platform tells to the repository, where partners ask for it. */
export async function addToRepository(client: PoolClient, events: readonly ToldEvent[]): Promise<void> {
  const added = events.map(({ event, ...where }): NewEpcisEvent => ({
    event: event as unknown as JsonObject,
    ...where,
  }));
  await appendEpcisEvents(client, added, { source: "emitted", context: CONTEXT });
}
