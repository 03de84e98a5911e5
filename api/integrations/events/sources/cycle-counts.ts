import type { PoolClient } from "pg";
import { findCycleCounts } from "../../../resources/cycle-counts/queries.ts";
import type { OutboundEvent } from "../event.ts";
import type { OutboxRow } from "./source.ts";

/** Cycle counts that somebody has counted, or that nobody needs to count any longer. */
export async function cycleCountEvents(
  client: PoolClient,
  rows: readonly OutboxRow[],
): Promise<Map<number, OutboundEvent>> {
  const found = await findCycleCounts(
    client,
    rows.map(({ recordId }) => recordId!),
  );
  const counts = new Map(found.map((count) => [count.id, count]));
  return new Map(
    rows.flatMap(({ id, event, recordId, createdAt }): [number, OutboundEvent][] => {
      const count = counts.get(recordId!);
      if (count === undefined) return [];
      const { version: _, owner_id: ownerId, ...data } = count;
      const told: OutboundEvent = {
        id: `cycle-count-${count.id}-closed`,
        type: event,
        corrects: null,
        subject: `/cycle-counts/${count.id}`,
        happenedAt: createdAt,
        locationId: count.location_id,
        ownerId,
        data,
      };
      return [[id, told]];
    }),
  );
}
