import type { PoolClient } from "pg";
import type { RecordedEvent } from "../events/event.ts";

/** The place of the event, those of the other events about the same, and all above them. */
const PLACES = `ARRAY(WITH RECURSIVE above AS (
    SELECT l.id, l.parent_id, 0 AS height FROM locations l WHERE l.id = e.location_id
      OR (e.corrects IS NOT NULL AND l.id IN (SELECT o.location_id FROM outbound_events o WHERE o.id = e.corrects OR o.corrects = e.corrects))
    UNION SELECT l.id, l.parent_id, above.height + 1 FROM above JOIN locations l ON l.id = above.parent_id WHERE above.height < 100
  ) SELECT id FROM above)`;

/**
 * Whether an endpoint `w` is told of an event `e`. A correction goes to whoever was told of what it corrects, also where it says now that
 * this was at another place.
 */
export const IS_SUBSCRIBED = `w.types ?| ARRAY['*', split_part(e.type, '.', 1) || '.*', e.type]
  AND (w.owner_ids IS NULL OR e.owner_id = ANY (w.owner_ids))
  AND (w.location_ids IS NULL OR w.location_ids && ${PLACES})`;

/** Makes deliveries of events, in the transaction that adds the events to the log. */
export async function addWebhookDeliveries(client: PoolClient, events: readonly RecordedEvent[]): Promise<void> {
  if (events.length === 0) return;
  await client.query({
    name: "add_webhook_deliveries",
    text: `INSERT INTO webhook_deliveries (webhook_id, kind, event_id, position, type, subject)
      SELECT w.id, 'event', e.id, e.position, e.type, e.subject
      FROM outbound_events e JOIN webhooks w ON w.enabled AND ${IS_SUBSCRIBED}
      WHERE e.position = ANY ($1::bigint[]) ORDER BY e.position, w.id
      -- An endpoint that is turned off now gets none of them.
      FOR SHARE OF w`,
    values: [events.map(({ position }) => position)],
  });
}
