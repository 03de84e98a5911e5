import { isObject, type Json, type JsonObject, listOf } from "../json.ts";
import type { EpcFormat } from "../answers/epc-format.ts";
import { eventText } from "../answers/event-text.ts";
import type { FoundEvent } from "./find-events.ts";

export const EPCIS_CONTEXT = "https://ref.gs1.org/standards/epcis/epcis-context.jsonld";

/** What a document answers. */
export interface Answered {
  /** `SimpleEventQuery` for one without a name */
  queryName: string;
  subscriptionId?: string | undefined;
  events: readonly FoundEvent[];
  spelling: Spelling;
}

/** How identifiers are spelled. */
export interface Spelling {
  format: EpcFormat;
  /** those that are known */
  companyPrefixes: readonly string[];
}
export const AS_SENT: Spelling = { format: "No_Preference", companyPrefixes: [] };

/** A list of things that have pages of their own. */
export const collection = (member: readonly string[]) => ({ "@context": EPCIS_CONTEXT, type: "Collection", member });

/** The name of a query that nobody has named (EPCIS 2.0 §8.2.7.1). */
export const SIMPLE_EVENT_QUERY = "SimpleEventQuery";

/**
 * An EPCISQueryDocument with events letter by letter as they were sent, but for the spelling of identifiers that is asked for. They come from documents with contexts of their own: what these
 * declare is declared once, and an event whose prefix means something else than before brings its own context.
 */
export function queryDocument({ queryName, subscriptionId, events, spelling }: Answered): string {
  const { context, bodies } = joinContexts(events, spelling);
  const head = JSON.stringify({
    "@context": context,
    type: "EPCISQueryDocument",
    schemaVersion: "2.0",
    creationDate: new Date().toISOString(),
  });
  const name = JSON.stringify({ ...(subscriptionId !== undefined && { subscriptionID: subscriptionId }), queryName });
  const results = `${name.slice(0, -1)},"resultsBody":{"eventList":[${bodies.join(",")}]}}`;
  return `${head.slice(0, -1)},"epcisBody":{"queryResults":${results}}}`;
}

function joinContexts(
  events: readonly FoundEvent[],
  { format, companyPrefixes }: Spelling,
): { context: Json; bodies: string[] } {
  const addresses = new Set<string>();
  const prefixes = new Map<string, string>();
  /** by the text of a context: whether its declarations are among those of the document */
  const joined = new Map<string, boolean>();
  const bodies = events.map((event) => {
    const { context: text } = event;
    const body = eventText(event, format, companyPrefixes);
    let isJoined = joined.get(text);
    if (isJoined === undefined) {
      isJoined = join(JSON.parse(text) as Json, addresses, prefixes);
      joined.set(text, isJoined);
    }
    return isJoined ? body : withContext(body, JSON.parse(text) as Json);
  });
  if (addresses.size === 0) addresses.add(EPCIS_CONTEXT);
  const declared = prefixes.size === 0 ? [] : [Object.fromEntries(prefixes)];
  return { context: [...addresses, ...declared], bodies };
}

/** Adds what a context declares, if that contradicts nothing. @returns whether it was added */
function join(context: Json, addresses: Set<string>, prefixes: Map<string, string>): boolean {
  const parts = listOf(context);
  const declared = parts.filter(isObject).flatMap((part) => Object.entries(part));
  const fits = declared.every(
    ([prefix, address]) => typeof address === "string" && (prefixes.get(prefix) ?? address) === address,
  );
  if (!fits || !parts.every((part) => typeof part === "string" || isObject(part))) return false;
  for (const part of parts) if (typeof part === "string") addresses.add(part);
  for (const [prefix, address] of declared) prefixes.set(prefix, address as string);
  return true;
}

function withContext(body: string, context: Json): string {
  const event = JSON.parse(body) as JsonObject;
  const own = event["@context"];
  return JSON.stringify({ ...event, "@context": own === undefined ? context : [...listOf(context), ...listOf(own)] });
}
