import type { PoolClient } from "pg";
import type { Statement } from "../../../../ingest/domain/epcis/captured.ts";
import { beginningOf, createdFact, isCreating, translate } from "../../../../ingest/domain/epcis/reported-facts.ts";
import type { NewFact, Subject } from "../../../../ingest/domain/fact.ts";
import type { Recording } from "../../../../ingest/decisions/record-facts.ts";
import { beginShipment } from "./begin-shipment.ts";
import { findShipment, type Found, type KnownThings } from "./known.ts";

/** All that was captured about one thing. */
export interface CapturedThing {
  thing: string;
  /** as events spell it */
  uris: readonly string[];
  statements: readonly Statement[];
  /** when and why senders have declared an event wrong, by its id */
  declared: ReadonlyMap<string, { at: number; reason: string | null }>;
}

export interface FactsOfThing {
  recording: Required<Pick<Recording, "facts" | "withdrawn" | "refold">> & {
    voided: { key: string; subject: Subject; at: number; by: string; reason: string }[];
  };
  /** why nothing follows from an event, by its id */
  problems: ReadonlyMap<string, string>;
}

/**
 * Brings the facts of a thing to all that was captured about it: what follows from it and is not recorded yet is, and what was recorded and
 * does not follow any longer is withdrawn; of an event that its sender has declared wrong it is void.
 */
export async function factsOfThing(
  client: PoolClient,
  captured: CapturedThing,
  known: KnownThings,
  companyPrefix: string | undefined,
): Promise<FactsOfThing> {
  const { thing, uris, declared } = captured;
  const statements = captured.statements.toSorted((a, b) => a.at - b.at || (a.eventId < b.eventId ? -1 : 1));
  const valid = statements.filter(({ eventId }) => !declared.has(eventId));
  const problems = new Map<string, string>();
  const isBegun = await beganHere(client, thing);
  const found = await findShipment(client, thing, uris, known);
  // What was declared wrong has begun it all the same, until something else does.
  const creating = firstCreating(valid, known) ?? (isBegun ? firstCreating(statements, known) : undefined);
  const subject = found ?? (creating && (await begin(client, captured, creating, known, companyPrefix)));
  if (subject === undefined) {
    for (const { eventId } of valid) problems.set(eventId, problemOf(statements, thing));
    return { recording: { facts: [], withdrawn: [], refold: [], voided: [] }, problems };
  }
  const facts: NewFact[] = [];
  if ((isBegun || found === undefined) && creating !== undefined)
    facts.push(createdFact(creating, subject.shipmentId, beginningOf(creating, known)!));
  if (isBegun && creating !== undefined && declared.has(creating.eventId))
    facts.push(cancelled(creating, subject, captured));
  for (const statement of valid) {
    // To begin a shipment says where it is.
    const isBeginning = statement === creating && statement.status === null;
    if (isBeginning) continue;
    const translation = translate(statement, subject, known);
    if ("problem" in translation) problems.set(statement.eventId, translation.problem);
    else facts.push(...translation.facts);
  }
  return { recording: await difference(client, subject, captured, facts), problems };
}

const firstCreating = (statements: readonly Statement[], known: KnownThings): Statement | undefined =>
  statements.find((statement) => isCreating(statement) && beginningOf(statement, known) !== undefined);

async function beganHere(client: PoolClient, thing: string): Promise<boolean> {
  const { rows } = await client.query("SELECT FROM epcis_shipments WHERE thing = $1", [thing]);
  return rows.length > 0;
}

async function begin(
  client: PoolClient,
  captured: CapturedThing,
  creating: Statement,
  known: KnownThings,
  companyPrefix: string | undefined,
): Promise<Found> {
  const beginning = { ...beginningOf(creating, known)!, at: creating.at };
  return { shipmentId: await beginShipment(client, captured, beginning, known, companyPrefix) };
}

function problemOf(statements: readonly Statement[], thing: string): string {
  const creating = statements.find(isCreating);
  if (creating === undefined) return `${thing} is not known here, and no event about it says that it was made`;
  const place = creating.place ?? creating.readPoint;
  return place === null ? "it names no place" : `the place ${place} is not known here`;
}

/** What has begun it was wrong, and nothing else has: it does not exist. */
function cancelled({ eventId, stage }: Statement, { shipmentId }: Found, { declared }: CapturedThing): NewFact {
  return {
    key: `epcis:99:${eventId}:cancelled:${shipmentId}`,
    subject: `shipment:${shipmentId}`,
    at: declared.get(eventId)!.at,
    type: "reported",
    data: { status: "cancelled", stage: stage ?? "storage", locationId: null, vehicleId: null },
    rule: "epcis",
    evidence: [{ kind: "epcis", epcis_event: eventId }],
    confidence: 1,
  };
}

interface RecordedFact {
  id: number;
  key: string;
  subject: Subject;
  at: number;
  type: string;
  eventId: string;
  isVoid: boolean;
}

async function difference(
  client: PoolClient,
  { shipmentId, tag }: Found,
  { statements, declared }: CapturedThing,
  facts: readonly NewFact[],
): Promise<FactsOfThing["recording"]> {
  const own = new Set(statements.map(({ eventId }) => eventId));
  const subjects = [`shipment:${shipmentId}`, ...(tag === undefined ? [] : [`tag:${tag}`])];
  const { rows } = await client.query<RecordedFact>(
    `SELECT id::float8, key, subject, extract(epoch FROM at)::float8 * 1000 AS at, type, evidence -> 0 ->> 'epcis_event' AS "eventId",
      voided_by IS NOT NULL AS "isVoid"
    FROM facts WHERE subject = ANY ($1::text[]) AND rule = 'epcis' AND type <> 'void' AND (withdrawn_at IS NULL OR voided_by IS NOT NULL)`,
    [subjects],
  );
  const recorded = new Map(rows.filter(({ eventId }) => own.has(eventId)).map((row) => [row.key, row]));
  const wanted = new Set(facts.map(({ key }) => key));
  const added = facts.filter(({ key }) => !recorded.has(key));
  const gone = [...recorded.values()].filter(({ key, isVoid }) => !wanted.has(key) && !isVoid);
  const wrong = gone.filter(({ eventId, type }) => declared.has(eventId) && type !== "created");
  const voids = wrong.map((fact) => voidOf(fact, shipmentId, declared.get(fact.eventId)!));
  return {
    facts: [...added, ...voids.map(({ by }) => by)],
    withdrawn: gone.filter((fact) => !wrong.includes(fact)),
    voided: voids.map(({ voided }) => voided),
    refold: added.length + gone.length === 0 ? [] : [`shipment:${shipmentId}`],
  };
}

function voidOf(
  { id, key, subject, at, eventId }: RecordedFact,
  shipmentId: number,
  said: { at: number; reason: string | null },
): { by: NewFact; voided: FactsOfThing["recording"]["voided"][number] } {
  const reason = `its sender has declared it wrong${said.reason === null ? "" : `: ${said.reason}`}`;
  const by: NewFact = {
    key: `epcis:void:${id}:${eventId}`,
    subject: `fact:${id}`,
    at: said.at,
    type: "void",
    data: { factId: id, reason, shipmentId, isRestored: false },
    rule: "epcis",
    evidence: [{ kind: "epcis", epcis_event: eventId }],
    confidence: 1,
  };
  return { by, voided: { key, subject, at, by: by.key, reason } };
}
