/**
 * START HERE: how captured events become facts.
 *
 *   read        captured events that nobody has looked at, in the order of the repository       here
 *   things      which things each is about                                                     ingest/domain/epcis/captured.ts
 *   facts       all events about one thing together give its facts; their difference to what   facts-of-thing.ts,
 *               is recorded is recorded                                                        ingest/domain/epcis/reported-facts.ts
 *   fold        as with facts of sensors                                                       ingest/decisions/record-facts.ts
 *
 * What the platform has told itself is never read, and what follows from captured events alone is not told as an event again.
 */
import type { Pool, PoolClient } from "pg";
import { bareWord, type Statement, statementsOf } from "../../../../ingest/domain/epcis/captured.ts";
import type { EpcisEvent } from "../../../../ingest/domain/epcis/event.ts";
import { groupBy } from "../../../../ingest/domain/group-by.ts";
import { inTransaction, recordFacts } from "../../../../ingest/decisions/record-facts.ts";
import { canonicalUri } from "../identifiers/canonical-uri.ts";
import { type CapturedThing, factsOfThing } from "./facts-of-thing.ts";
import { loadKnown } from "./known.ts";

interface Captured {
  position: number;
  eventId: string;
  body: string;
  declaredAt: Date | null;
  declaredReason: string | null;
}

const EVENT = `position::float8, event_id AS "eventId", body, error_declared_at AS "declaredAt", error_reason AS "declaredReason"`;
const BATCH_SIZE = 100;

const statementsOfRow = ({ eventId, body }: Captured): Statement[] =>
  statementsOf(eventId, JSON.parse(body) as EpcisEvent);

/**
 * Makes facts of captured events. One that Postgres cannot hold harms no other: it is noted with the reason.
 * @returns how many events were looked at
 */
export async function takeCaptured(pool: Pool, companyPrefix: string | undefined): Promise<number> {
  // Mostly there is nothing: that takes no lock and no transaction.
  if ((await readNew(pool, 1)).length === 0) return 0;
  try {
    return await takeNew(pool, companyPrefix, BATCH_SIZE);
  } catch (error) {
    if (!isAboutContent(error)) throw error;
  }
  try {
    return await takeNew(pool, companyPrefix, 1);
  } catch (error) {
    if (!isAboutContent(error)) throw error;
    return passOver(pool, error.message);
  }
}

function takeNew(pool: Pool, companyPrefix: string | undefined, limit: number): Promise<number> {
  return inTransaction(pool, async (client) => {
    await client.query(LOCK);
    const events = await readNew(client, limit);
    await look(client, events, companyPrefix);
    return events.length;
  });
}

/** Values that do not fit (SQLSTATE 22), that break a rule of a table (23), or that are too long for an index (54). */
export const isAboutContent = (error: unknown): error is Error =>
  error instanceof Error && "code" in error && /^(?:22|23|54)/.test(String(error.code));

/** Notes the first new event as one of which nothing can be made. */
function passOver(pool: Pool, problem: string): Promise<number> {
  return inTransaction(pool, async (client) => {
    await client.query(LOCK);
    const [event] = await readNew(client, 1);
    if (event === undefined) return 0;
    await client.query(
      "INSERT INTO epcis_meanings (position, event_id, state, problem) VALUES ($1, $2, 'unmatched', $3)",
      [event.position, event.eventId, `this event cannot be interpreted: ${problem}`],
    );
    return 1;
  });
}

const LOCK = "SELECT pg_advisory_xact_lock(hashtext('waystock epcis meanings'), 0)";

/** Looks again at events that could not be matched: what they are about may be known by now. @returns what is left of them */
export async function takeAgain(client: PoolClient, positions: readonly number[], companyPrefix: string | undefined) {
  await client.query(LOCK);
  const { rows } = await client.query<Captured>(
    `SELECT ${EVENT} FROM epcis_events WHERE position = ANY ($1::bigint[]) AND source = 'captured' ORDER BY epcis_events.position`,
    [positions],
  );
  await look(client, rows, companyPrefix);
}

async function readNew(db: Pool | PoolClient, limit: number): Promise<Captured[]> {
  const { rows } = await db.query<Captured>({
    name: "epcis_captured_new",
    text: `SELECT ${EVENT} FROM epcis_events WHERE source = 'captured' AND position > (SELECT coalesce(max(position), 0) FROM epcis_meanings)
      ORDER BY epcis_events.position LIMIT $1`,
    values: [limit],
  });
  return rows;
}

async function look(client: PoolClient, events: readonly Captured[], companyPrefix: string | undefined): Promise<void> {
  const about = events.map((event) => ({ event, statements: statementsOfRow(event) }));
  await noteThings(client, about);
  const known = await loadKnown(client);
  const things = new Set(about.flatMap(({ statements }) => statements.map(({ thing }) => canonicalUri(thing))));
  const facts = [];
  for (const captured of await loadThings(client, [...things].toSorted())) {
    const found = await factsOfThing(client, captured, known, companyPrefix);
    facts.push(found.recording);
    await noteProblems(client, captured, found.problems);
  }
  const voided = facts.flatMap((each) => each.voided);
  const recording = {
    facts: facts.flatMap((each) => each.facts),
    withdrawn: facts.flatMap((each) => each.withdrawn),
    refold: [...new Set(facts.flatMap((each) => each.refold))],
    ...(voided.length > 0 && { voids: { voided, because: "its sender has declared it wrong" } }),
  };
  if (recording.facts.length + recording.withdrawn.length > 0) await recordFacts(client, recording);
}

const NOTHING_NAMED = "it names no single thing: nothing follows from quantities and classes here";

async function noteThings(
  client: PoolClient,
  about: readonly { event: Captured; statements: readonly Statement[] }[],
): Promise<void> {
  const rows = about.map(({ event: { position, eventId }, statements }) => {
    const problem = statements.length === 0 ? NOTHING_NAMED : null;
    return { position, eventId, problem, things: [...new Set(statements.map(({ thing }) => canonicalUri(thing)))] };
  });
  await client.query(
    `WITH noted AS (
      INSERT INTO epcis_meanings (position, event_id, state, problem)
      SELECT position, "eventId", CASE WHEN problem IS NULL THEN 'taken' ELSE 'unmatched' END, problem
      FROM jsonb_to_recordset($1::jsonb) AS t (position bigint, "eventId" text, problem text)
      ON CONFLICT (position) DO NOTHING
    ) INSERT INTO epcis_meaning_things (thing, position)
      SELECT thing, position FROM jsonb_to_recordset($1::jsonb) AS t (position bigint, things text[]), unnest(things) AS thing
      ON CONFLICT DO NOTHING`,
    [JSON.stringify(rows)],
  );
}

/** All that was captured about things. */
async function loadThings(client: PoolClient, things: readonly string[]): Promise<CapturedThing[]> {
  const { rows } = await client.query<Captured & { thing: string }>(
    `SELECT t.thing, e.* FROM epcis_meaning_things t
      JOIN LATERAL (SELECT ${EVENT} FROM epcis_events WHERE position = t.position OFFSET 0) AS e ON true
    WHERE t.thing = ANY ($1::text[]) ORDER BY t.thing, t.position`,
    [things],
  );
  const all = groupBy(rows, ({ thing }) => thing);
  return things.map((thing) => {
    const events = all.get(thing) ?? [];
    // A declaration repeats the event that it is about.
    const byId = new Map(events.map((event) => [event.eventId, event]));
    const statements = [...byId.values()].flatMap(statementsOfRow).filter((each) => canonicalUri(each.thing) === thing);
    const declared = events.flatMap(({ eventId, declaredAt, declaredReason }) =>
      declaredAt === null
        ? []
        : [[eventId, { at: declaredAt.getTime(), reason: bareWord(declaredReason ?? undefined) }] as const],
    );
    return {
      thing,
      uris: [...new Set([...statements.map((each) => each.thing), thing])],
      statements,
      declared: new Map(declared),
    };
  });
}

/** Of one thing: why nothing follows from events about it, by their ids. */
async function noteProblems(
  client: PoolClient,
  { thing, statements }: CapturedThing,
  problems: ReadonlyMap<string, string>,
): Promise<void> {
  const rows = statements.map(({ eventId }) => ({ eventId, problem: problems.get(eventId) ?? null }));
  await client.query(
    `WITH changed AS (
      UPDATE epcis_meaning_things t SET problem = p.problem
      FROM jsonb_to_recordset($2::jsonb) AS p ("eventId" text, problem text) JOIN epcis_meanings m ON m.event_id = p."eventId"
      WHERE t.thing = $1 AND t.position = m.position AND t.problem IS DISTINCT FROM p.problem RETURNING t.position, p.problem
    ) UPDATE epcis_meanings m SET problem = now.problem, looked_at = now(),
      state = CASE WHEN now.problem IS NULL THEN 'taken' ELSE 'unmatched' END
    FROM changed c CROSS JOIN LATERAL (SELECT coalesce(c.problem, (
      SELECT o.problem FROM epcis_meaning_things o WHERE o.position = c.position AND o.thing <> $1 AND o.problem IS NOT NULL LIMIT 1)) AS problem
    ) AS now
    WHERE m.position = c.position`,
    [thing, JSON.stringify(rows)],
  );
}
