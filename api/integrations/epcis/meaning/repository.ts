import type { PoolClient } from "pg";
import { CONTEXT, type EpcisEvent } from "../../../../ingest/domain/epcis/event.ts";
import { appendEpcisEvents, type NewEpcisEvent } from "../repository/append.ts";
import type { JsonObject } from "../json.ts";

/** An event of ours, with where it happened and whose goods it is about. */
export interface ReportedEvent {
  event: EpcisEvent;
  locationId: number | null;
  ownerId: number | null;
}

/**
 * Adds what the platform tells to the repository, where partners ask for it. Where somebody has captured another event under an id of ours, the
 * event takes its hash id instead: it must not be lost.
 * @returns the new ids, by the ids that were taken
 */
export async function addToRepository(
  client: PoolClient,
  events: readonly ReportedEvent[],
): Promise<ReadonlyMap<string, string>> {
  const origin = { source: "emitted", context: CONTEXT } as const;
  const outcomes = await appendEpcisEvents(client, events.map(asNew), origin);
  const taken = events.filter(
    ({ event }, at) => outcomes[at]!.outcome === "conflict" && event.errorDeclaration === undefined,
  );
  if (taken.length === 0) return new Map();
  const nameless = taken.map(({ event, ...where }) => {
    const { eventID: _, ...rest } = event;
    return asNew({ event: rest, ...where });
  });
  const renamed = await appendEpcisEvents(client, nameless, origin);
  return new Map(taken.map(({ event }, at) => [event.eventID!, renamed[at]!.eventId]));
}

const asNew = ({
  event,
  ...where
}: {
  event: object;
  locationId: number | null;
  ownerId: number | null;
}): NewEpcisEvent => ({
  event: event as JsonObject,
  ...where,
});
