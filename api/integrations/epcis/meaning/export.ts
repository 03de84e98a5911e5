import type { Pool } from "pg";
import type { CustodyContent } from "../../../../ingest/domain/custody/milestones.ts";
import { custodyEvents } from "../../../../ingest/domain/epcis/custody-events.ts";
import { documentOf, type EpcisEvent } from "../../../../ingest/domain/epcis/event.ts";
import { shipmentEventId } from "../../events/sources/shipments.ts";
import { idOfTelling } from "./event-id.ts";
import { baseOf, loadNames } from "./names.ts";
import { loadNamedThings } from "./naming.ts";

export const EPCIS_DOCUMENT_TYPE = "application/ld+json";

/**
 * What the platform tells of a shipment, as it stands: events that were declared wrong are left out. What the relay has not come to yet has
 * the id that it will have.
 */
export async function shipmentDocument(
  pool: Pool,
  publicUrl: string,
  shipmentId: number,
): Promise<Record<string, unknown>> {
  const { rows: told } = await pool.query<{ origin: string; events: EpcisEvent[] }>(
    "SELECT origin, events FROM epcis_tellings WHERE shipment_id = $1",
    [shipmentId],
  );
  const known = new Set(told.map(({ origin }) => origin));
  const unreported = await unreportedEvents(pool, publicUrl, shipmentId, known);
  const events = [...told.flatMap((each) => each.events), ...unreported];
  return documentOf(
    events.toSorted((a, b) => Date.parse(a.eventTime) - Date.parse(b.eventTime)),
    new Date(),
  );
}

/** Of entries of the custody log that the relay has not told. */
async function unreportedEvents(
  pool: Pool,
  publicUrl: string,
  shipmentId: number,
  told: ReadonlySet<string>,
): Promise<EpcisEvent[]> {
  const { rows } = await pool.query<{ first: number; kind: string; content: CustodyContent }>(
    `SELECT DISTINCT ON (first_position) first_position AS first, kind, content FROM custody_entries WHERE shipment_id = $1
    ORDER BY first_position, position DESC`,
    [shipmentId],
  );
  const entries = rows.filter(
    ({ first, kind, content }) =>
      kind !== "withdrawn" && content.rule !== "epcis" && !told.has(shipmentEventId(shipmentId, first)),
  );
  if (entries.length === 0) return [];
  const base = (await loadNames(pool))[0] ?? baseOf(publicUrl);
  const things = await loadNamedThings(pool, base, { shipments: [shipmentId], items: [] });
  const shipment = things.shipment(shipmentId);
  if (shipment === undefined) return [];
  return entries.flatMap(({ first, content }) =>
    custodyEvents(content, shipment, things).map(
      (event, index) =>
        ({ ...event, eventID: idOfTelling(base, shipmentEventId(shipmentId, first), 1, index) }) as EpcisEvent,
    ),
  );
}
