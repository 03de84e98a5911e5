import type { PoolClient } from "pg";
import { correctionsOf, type Telling } from "../../../../ingest/domain/epcis/corrections.ts";
import type { EpcisEvent } from "../../../../ingest/domain/epcis/event.ts";
import type { RecordedEvent } from "../../events/event.ts";
import { idOfTelling } from "./event-id.ts";
import { epcisEventsOf, thingsOf } from "./events-of.ts";
import { loadNames } from "./names.ts";
import { loadNamedThings } from "./naming.ts";
import { addToRepository, type ReportedEvent } from "./repository.ts";

/** What is told of one thing, by the id of the first event of the log about it. */
interface Told extends Telling {
  origin: string;
  shipmentId: number | null;
}

/**
 * START HERE for what goes out. Tells of events as EPCIS, in the transaction that adds them to the log: each once. What turns out to have been otherwise is told again
 * with the declaration that it was wrong, and after it what is right (ingest/domain/epcis/corrections.ts).
 */
export async function tellAsEpcis(client: PoolClient, events: readonly RecordedEvent[]): Promise<void> {
  if (events.length === 0) return;
  const [base] = await loadNames(client);
  // The relay notes it before it tells of anything; things without an address have no names.
  if (base === undefined) return;
  const needed = events.map(thingsOf);
  const things = await loadNamedThings(client, base, {
    shipments: [...new Set(needed.flatMap(({ shipments }) => shipments))],
    items: [...new Set(needed.flatMap(({ items }) => items))],
  });
  const tellings = await loadTellings(
    client,
    events.map((event) => originOf(event)),
  );
  const append: ReportedEvent[] = [];
  const changed = new Map<string, Told>();
  for (const event of events) {
    const now = epcisEventsOf(event, things);
    const origin = originOf(event);
    const before = tellings.get(origin);
    if (now === undefined && before === undefined) continue;
    const idOf = (revision: number, index: number) => idOfTelling(base, origin, revision, index);
    const correction = correctionsOf(before, now ?? [], event.recordedAt, idOf);
    if (correction === undefined) continue;
    const shipmentId = event.data["shipment_id"];
    const told = { ...correction.telling, origin, shipmentId: typeof shipmentId === "number" ? shipmentId : null };
    const { locationId, ownerId } = event;
    append.push(...correction.append.map((each) => ({ event: each, locationId, ownerId })));
    tellings.set(origin, told);
    changed.set(origin, told);
  }
  if (changed.size === 0) return;
  const renamed = await addToRepository(client, append);
  const told = [...changed.values()].map((each) => ({
    ...each,
    events: each.events.map((event) => withId(event, renamed)),
  }));
  await saveTellings(client, told);
}

const withId = (event: EpcisEvent, renamed: ReadonlyMap<string, string>): EpcisEvent => {
  const id = renamed.get(event.eventID ?? "");
  return id === undefined ? event : { ...event, eventID: id };
};

const originOf = ({ id, corrects }: RecordedEvent): string => corrects ?? id;

async function loadTellings(client: PoolClient, origins: readonly string[]): Promise<Map<string, Told>> {
  const { rows } = await client.query<Told>({
    name: "epcis_tellings",
    text: `SELECT origin, revision, events, shipment_id AS "shipmentId" FROM epcis_tellings WHERE origin = ANY ($1::text[])`,
    values: [origins],
  });
  return new Map(rows.map((row) => [row.origin, row]));
}

async function saveTellings(client: PoolClient, told: readonly Told[]): Promise<void> {
  await client.query({
    name: "epcis_told",
    text: `INSERT INTO epcis_tellings (origin, revision, events, shipment_id)
      SELECT origin, revision, events, "shipmentId"
      FROM jsonb_to_recordset($1::jsonb) AS t (origin text, revision int, events jsonb, "shipmentId" int)
      ON CONFLICT (origin) DO UPDATE SET revision = excluded.revision, events = excluded.events, told_at = now()`,
    values: [JSON.stringify(told)],
  });
}
