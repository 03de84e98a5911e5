import type { PoolClient } from "pg";
import type { Json, JsonObject } from "../json.ts";
import { eventColumns, type EventColumns } from "./event-columns.ts";
import { findPlaces } from "./places.ts";

/** An event to be added to the repository. The schema must have accepted it. */
export interface NewEpcisEvent {
  event: JsonObject;
  /** what `eventColumns` makes of it, where that is known already */
  columns?: EventColumns;
  /** its text as it was sent; undefined: of one of ours, as JSON writes it */
  body?: string;
  /** where it happened, and whose goods it is about; undefined: what its business location or read point is here, and nobody's */
  locationId?: number | null;
  ownerId?: number | null;
}

/** Where events come from. */
export interface EpcisOrigin {
  source: "captured" | "emitted";
  /** the `@context` of their document */
  context: Json;
  /** … as it was sent; undefined: as JSON writes it */
  contextText?: string;
  capturePosition?: number | null;
  userId?: number | null;
  clientId?: number | null;
}

/** What became of an event. */
export interface AppendedEvent {
  eventId: string;
  hashId: string;
  /** `conflict`: another event has this id; nothing was added */
  outcome: "added" | "known" | "conflict";
}

/**
 * Adds events to the repository, in order. One that is there already is not added again: the same id and the same content. An event and a
 * declaration that it is wrong have the same id, and both are kept. Call it within a transaction, at its end: until the transaction ends, no
 * other adds events, so that positions become visible in their order.
 * @returns for each event what became of it
 */
export async function appendEpcisEvents(
  client: PoolClient,
  events: readonly NewEpcisEvent[],
  origin: EpcisOrigin,
): Promise<AppendedEvent[]> {
  if (events.length === 0) return [];
  const columns = events.map(({ event, columns }) => columns ?? eventColumns(event, origin.context));
  await client.query("SELECT pg_advisory_xact_lock(hashtext('waystock epcis events'), 0)");
  const known = await findKnown(client, columns);
  const outcomes = columns.map((event): AppendedEvent => {
    const { eventId, hashId } = event;
    const hash = known.get(keyOf(event));
    if (hash === undefined) known.set(keyOf(event), hashId);
    return { eventId, hashId, outcome: hash === undefined ? "added" : hash === hashId ? "known" : "conflict" };
  });
  const unplaced = columns.filter((_, at) => events[at]!.locationId === undefined);
  const found = unplaced.length === 0 ? [] : await findPlaces(client, unplaced);
  const places = new Map(unplaced.map((event, at) => [event, found[at]]));
  const context = origin.contextText ?? JSON.stringify(origin.context);
  const rows = columns.flatMap((event, at) => {
    const { body, event: sent, locationId = places.get(event), ownerId = null } = events[at]!;
    if (outcomes[at]!.outcome !== "added") return [];
    return [{ ...event, body: body ?? JSON.stringify(sent), locationId, ownerId }];
  });
  for (let from = 0; from < rows.length; from += ROWS_AT_ONCE) {
    await insert(client, rows.slice(from, from + ROWS_AT_ONCE), context, origin);
  }
  return outcomes;
}

const ROWS_AT_ONCE = 500;

const keyOf = ({ eventId, errorDeclaredAt }: Pick<EventColumns, "eventId" | "errorDeclaredAt">): string =>
  JSON.stringify([eventId, errorDeclaredAt === null ? null : Date.parse(errorDeclaredAt)]);

/** The hash ids of events that are in the repository, by id and declaration. */
async function findKnown(client: PoolClient, columns: readonly EventColumns[]): Promise<Map<string, string>> {
  const { rows } = await client.query<{ eventId: string; declaredAt: Date | null; hashId: string }>(
    `SELECT event_id AS "eventId", error_declared_at AS "declaredAt", hash_id AS "hashId"
     FROM public.epcis_events WHERE event_id = ANY ($1)`,
    [[...new Set(columns.map(({ eventId }) => eventId))]],
  );
  return new Map(
    rows.map(({ eventId, declaredAt, hashId }) => [
      keyOf({ eventId, errorDeclaredAt: declaredAt?.toISOString() ?? null }),
      hashId,
    ]),
  );
}

async function insert(
  client: PoolClient,
  rows: readonly object[],
  context: string,
  { source, capturePosition = null, userId = null, clientId = null }: EpcisOrigin,
): Promise<void> {
  await client.query({
    name: "append_epcis_events",
    text: `INSERT INTO public.epcis_events (position, event_id, hash_id, type, action, event_time, time_zone_offset, record_time, biz_step,
        disposition, set_dispositions, unset_dispositions, read_point, biz_location, epcs, parent_id, input_epcs, output_epcs, any_epcs,
        epc_classes, input_classes, output_classes, any_classes, transformation_id, biz_transactions, sources, destinations,
        error_declared_at, error_reason, corrective_ids, canonical, body, location_id, owner_id,
        context, source, capture_position, created_by, created_by_client)
      SELECT nextval('public.epcis_positions'), t."eventId", t."hashId", t.type, t.action, t."eventTime", t."timeZoneOffset",
        clock_timestamp(), t."bizStep", t.disposition, t."setDispositions", t."unsetDispositions", t."readPoint", t."bizLocation", t.epcs,
        t."parentId", t."inputEpcs", t."outputEpcs", t."anyEpcs", t."epcClasses", t."inputClasses", t."outputClasses", t."anyClasses",
        t."transformationId", t."bizTransactions", t.sources, t.destinations, t."errorDeclaredAt", t."errorReason", t."correctiveIds",
        t.canonical, t.body, t."locationId", t."ownerId", $2, $3, $4, $5, $6
      FROM jsonb_array_elements($1::jsonb) WITH ORDINALITY AS e (event, nr), jsonb_to_record(e.event) AS t ("eventId" text, "hashId" text,
        type text, action text, "eventTime" timestamptz, "timeZoneOffset" text, "bizStep" text, disposition text, "setDispositions" text[],
        "unsetDispositions" text[], "readPoint" text, "bizLocation" text, epcs text[], "parentId" text, "inputEpcs" text[],
        "outputEpcs" text[], "anyEpcs" text[], "epcClasses" text[], "inputClasses" text[], "outputClasses" text[], "anyClasses" text[],
        "transformationId" text, "bizTransactions" text[], sources text[], destinations text[], "errorDeclaredAt" timestamptz,
        "errorReason" text, "correctiveIds" text[], canonical jsonb, body text, "locationId" int, "ownerId" int)
      ORDER BY e.nr`,
    values: [JSON.stringify(rows), context, source, capturePosition, userId, clientId],
  });
}
