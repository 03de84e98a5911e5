import type { Reader } from "../../../auth/limits.ts";
import { epcisProblem } from "../problem.ts";
import type { EventQuery } from "./condition.ts";
import { countStatement, eventStatement, type Window } from "./event-sql.ts";
import type { PagePosition } from "./page-token.ts";
import { prepareQuery, type PreparedQuery } from "./prepare.ts";

/** An event that a query has found, as it was sent. */
export interface FoundEvent {
  position: number;
  eventId: string;
  /** its text, and that of the `@context` of its document */
  body: string;
  context: string;
  recordTime: Date;
}

export interface EventPage {
  events: FoundEvent[];
  /** undefined: it was the last page */
  next: PagePosition | undefined;
}

/**
 * One page of what a query finds.
 * @param page where it begins; undefined: at the start
 * @throws Problem 413 when there are more events than the query allows, or it takes too long
 */
export async function findPage(
  db: Reader,
  asked: EventQuery,
  page: PagePosition | undefined,
  perPage: number,
): Promise<EventPage> {
  const query = inOrder(asked);
  return withinTime(async () => {
    const prepared = await prepareQuery(db, query);
    if (page === undefined) await assertCount(db, prepared);
    const left = page?.left ?? query.eventCountLimit;
    const limit = Math.min(perPage, left ?? perPage);
    const rows = await run(db, prepared, { after: page?.key, limit: limit + 1 });
    const events = rows.slice(0, limit);
    const last = events.at(-1);
    const remaining = left === undefined ? undefined : left - events.length;
    const isLast = rows.length <= limit || last === undefined || remaining === 0;
    const next = isLast ? undefined : { key: keyOf(last, query), left: remaining };
    return { events: events.map(eventOf), next };
  });
}

/**
 * Events of a time come by that time, unless the query has an order of its own: its index then finds them in their order. By position
 * Postgres would read all that was recorded before.
 */
function inOrder(query: EventQuery): EventQuery {
  if (query.order !== undefined) return query;
  const by = (["recordTime", "eventTime"] as const).find((field) =>
    query.conditions.some((condition) => condition.ask === "time" && condition.field === field),
  );
  return by === undefined ? query : { ...query, order: { by, descending: false } };
}

/** Events after one position and up to another that a query finds, in the order in which they were recorded. */
export async function findRecorded(
  db: Reader,
  query: EventQuery,
  { from, to, limit }: { from: number; to: number; limit: number },
): Promise<FoundEvent[]> {
  const prepared = await prepareQuery(db, { ...query, order: undefined });
  const rows = await run(db, prepared, { from, to, limit });
  return rows.map(eventOf);
}

type Row = FoundEvent & { key: string | null };

function eventOf(row: Row): FoundEvent {
  const { key: _, ...event } = row;
  return event;
}

const run = async (db: Reader, query: PreparedQuery, window: Window): Promise<Row[]> =>
  (await db.query<Row>(eventStatement(query, window))).rows;

const keyOf = ({ key, position }: Row, { order }: EventQuery): (string | number)[] =>
  order === undefined ? [position] : [key ?? "null", position];

async function assertCount(db: Reader, query: PreparedQuery): Promise<void> {
  const { maxEventCount } = query;
  if (maxEventCount === undefined) return;
  const { rows } = await db.query<{ count: number }>(countStatement(query, maxEventCount + 1));
  if (rows[0]!.count > maxEventCount)
    throw epcisProblem(413, "QueryTooLargeException", `the query finds more than ${maxEventCount} events`);
}

/** Postgres ended the statement at its time limit. */
const CANCELLED = "57014";

async function withinTime<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if ((error as { code?: unknown }).code !== CANCELLED) throw error;
    const detail = "the query takes too long: ask for fewer events, e.g. within a time, or of one EPC";
    throw epcisProblem(413, "QueryTooComplexException", detail);
  }
}
