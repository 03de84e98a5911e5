import { EPCIS_PROBLEMS, requestedEpcFormat } from "../headers.ts";
import { type EpcFormat, identifierIn } from "../../../integrations/epcis/answers/epc-format.ts";
import { SIGNED_IN } from "../../../auth/roles.ts";
import type { Endpoints } from "../../../http/endpoint.ts";
import { canonicalUri } from "../../../integrations/epcis/identifiers/canonical-uri.ts";
import type { Condition } from "../../../integrations/epcis/query/condition.ts";
import { contextOf, queryOfAddress } from "../../../integrations/epcis/query/parse-query.ts";
import { collection, SIMPLE_EVENT_QUERY } from "../../../integrations/epcis/query/query-document.ts";
import { epcisProblem } from "../../../integrations/epcis/problem.ts";
import { canonicalTerm, expand, type Prefixes, prefixesOf } from "../../../integrations/epcis/vocabulary/context.ts";
import { addressOf, BIZ_STEPS, DISPOSITIONS, type Vocabulary } from "../../../integrations/epcis/vocabulary/terms.ts";
import { answerCollection, answerEvents, LINKED_DATA, QUERY_PROBLEMS } from "./answers.ts";
import { queryPart } from "./query-part.ts";
import { collectionSchema, eventsQuery, listQuery, ofValue, queryDocumentSchema } from "./schema.ts";
import { isTermKnown, listTerms, type TermKind } from "./term-queries.ts";

const tag = "EPCIS";
const EVENT_TYPES = ["AggregationEvent", "AssociationEvent", "ObjectEvent", "TransactionEvent", "TransformationEvent"];

/** A resource at the top of the repository. */
interface TopLevel {
  path: string;
  parameter: string;
  noun: string;
  kind: TermKind;
  /** those that are there without any event */
  standard: readonly string[];
  /** a name as it is asked for, as the repository has it */
  canonical: (text: string, prefixes: Prefixes) => string;
  /** … as answers have it */
  shown?: (value: string) => string;
  condition: (value: string) => Condition;
}

/** Words of the standard are answered bare, as JSON has them. */
function bareWordOf(vocabulary: Vocabulary, words: readonly string[]): (address: string) => string {
  const bare = new Map(words.map((word) => [addressOf(vocabulary, word)!, word]));
  return (address) => bare.get(address) ?? address;
}

const TOP_LEVELS: readonly TopLevel[] = [
  {
    ...{ path: "eventTypes", parameter: "event_type", noun: "event type", kind: "eventType", standard: EVENT_TYPES },
    canonical: expand,
    condition: (value) => ({ ask: "field", field: "type", values: [value] }),
  },
  {
    ...{ path: "epcs", parameter: "epc", noun: "EPC", kind: "epc", standard: [] },
    canonical: canonicalUri,
    condition: (value) => ({ ask: "match", roles: ["epc", "parent", "input", "output"], patterns: [value] }),
  },
  {
    ...{ path: "bizSteps", parameter: "biz_step", noun: "business step", kind: "bizStep" },
    standard: BIZ_STEPS.map((word) => addressOf("bizStep", word)!),
    canonical: (text, prefixes) => canonicalTerm("bizStep", text, prefixes),
    shown: bareWordOf("bizStep", BIZ_STEPS),
    condition: (value) => ({ ask: "field", field: "bizStep", values: [value] }),
  },
  {
    ...{
      path: "bizLocations",
      parameter: "biz_location",
      noun: "business location",
      kind: "bizLocation",
      standard: [],
    },
    canonical: canonicalUri,
    condition: (value) => ({ ask: "field", field: "bizLocation", values: [value] }),
  },
  {
    ...{ path: "readPoints", parameter: "read_point", noun: "read point", kind: "readPoint", standard: [] },
    canonical: canonicalUri,
    condition: (value) => ({ ask: "field", field: "readPoint", values: [value] }),
  },
  {
    ...{ path: "dispositions", parameter: "disposition", noun: "disposition", kind: "disposition" },
    standard: DISPOSITIONS.map((word) => addressOf("disposition", word)!),
    canonical: (text, prefixes) => canonicalTerm("disposition", text, prefixes),
    shown: bareWordOf("disposition", DISPOSITIONS),
    condition: (value) => ({ ask: "field", field: "disposition", values: [value] }),
  },
];

/** The resources at the top of the repository, each with the events that are about it (EPCIS 2.0 §12.7). */
export function registerEpcisCollections(endpoints: Endpoints, companyPrefix: string | undefined): void {
  endpoints.read(
    {
      route: "GET /epcis",
      access: SIGNED_IN,
      tag,
      summary: "List the resources of the EPCIS repository",
      response: collectionSchema,
      problems: EPCIS_PROBLEMS,
    },
    () => {
      const member = ["events", ...TOP_LEVELS.map(({ path }) => path), "queries", "capture"];
      return Promise.resolve({ status: 200, body: collection(member) });
    },
  );
  for (const topLevel of TOP_LEVELS) registerTopLevel(endpoints, topLevel, companyPrefix);
}

const identifiersIn =
  (format: EpcFormat, companyPrefix: string | undefined) =>
  (identifier: string): string =>
    identifierIn(identifier, format, companyPrefix === undefined ? [] : [companyPrefix]);

function registerTopLevel(
  endpoints: Endpoints,
  { path, parameter, noun, kind, standard, canonical, shown, condition }: TopLevel,
  companyPrefix: string | undefined,
): void {
  const params = ofValue(parameter, `the ${noun}, escaped as part of an address`);
  const prefixesIn = (extensions: string | undefined) => prefixesOf(contextOf(extensions));
  const one = `${/^[eE]/.test(noun) ? "an" : "a"} ${noun}`;
  endpoints.read(
    {
      route: `GET /epcis/${path}`,
      access: SIGNED_IN,
      tag,
      summary: `List the ${noun}s of events${standard.length === 0 ? "" : ", and those of the standard"}`,
      query: listQuery,
      response: collectionSchema,
      problems: EPCIS_PROBLEMS,
    },
    ({ db, query, c }) => {
      const inFormat = identifiersIn(requestedEpcFormat(c), companyPrefix);
      const read = (after: string | undefined, limit: number) => listTerms(db, { kind, standard, after, limit });
      return answerCollection(c, db, query, read, shown ?? inFormat);
    },
  );
  endpoints.read(
    {
      route: `GET /epcis/${path}/{${parameter}}`,
      access: SIGNED_IN,
      tag,
      summary: `List what there is of ${one}`,
      params,
      response: collectionSchema,
      problems: EPCIS_PROBLEMS,
    },
    async ({ db, params, c }) => {
      await assertKnown(canonical(params[parameter]!, prefixesIn(c.req.header("GS1-Extensions"))), db);
      return { status: 200, body: collection(["events"]) };
    },
  );
  endpoints.read(
    {
      route: `GET /epcis/${path}/{${parameter}}/events`,
      access: SIGNED_IN,
      tag,
      summary: `List the events of ${one}, of those that a query finds`,
      params,
      query: eventsQuery,
      response: queryDocumentSchema,
      alternativeResponses: [LINKED_DATA],
      problems: QUERY_PROBLEMS,
    },
    async ({ db, params, query: page, c }) => {
      const extensions = c.req.header("GS1-Extensions");
      const value = canonical(params[parameter]!, prefixesIn(extensions));
      const query = queryOfAddress(queryPart(c), extensions);
      await assertKnown(value, db);
      const both = { ...query, conditions: [condition(value), ...query.conditions] };
      return answerEvents(c, db, both, { ...page, queryName: SIMPLE_EVENT_QUERY, companyPrefix });
    },
  );

  /** @throws Problem 404 for what is neither of the standard nor of an event that may be seen */
  async function assertKnown(value: string, db: Parameters<typeof isTermKnown>[0]): Promise<void> {
    if (standard.includes(value) || (await isTermKnown(db, kind, value))) return;
    throw epcisProblem(404, "NoSuchResourceException", `there is no such ${noun}`);
  }
}
