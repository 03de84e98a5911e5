import { setImmediate as nextTurn } from "node:timers/promises";
import { z } from "zod";
import { isObject, type Json, type JsonObject } from "../json.ts";
import { context } from "./event-parts.ts";
import { schemaOfType } from "./event-schema.ts";
import { named, text, time, uri } from "./terms-schema.ts";

/** What is wrong with a document; `path` leads to the field. */
export interface SchemaIssue {
  path: readonly PropertyKey[];
  message: string;
}

const version = text.regex(/^\d+(?:\.\d+)*$/, "a version is expected, such as 2.0");
const attribute = z.looseObject({
  id: uri,
  attribute: z.union([z.number(), z.string(), z.looseObject({})]).optional(),
});
const vocabulary = z.looseObject({
  type: uri,
  vocabularyElementList: z
    .array(z.looseObject({ id: uri, attributes: z.array(attribute).optional(), children: z.array(uri).optional() }))
    .optional(),
});
const vocabularies = z.array(vocabulary).optional();
const header = z
  .looseObject({ epcisMasterData: z.looseObject({ vocabularyList: vocabularies }).optional() })
  .superRefine(named("epcisMasterData"));
/** Events are looked at one by one. */
const eventList = z.array(z.unknown(), "a list of events is expected");

const documentFields = {
  "@context": context,
  id: uri.optional(),
  type: z.literal("EPCISDocument"),
  schemaVersion: version,
  creationDate: time,
  instanceIdentifier: text.optional(),
  sender: text.optional(),
  receiver: text.optional(),
  epcisHeader: header.optional(),
  epcisBody: z.looseObject({ eventList }, "an object with an eventList is expected"),
};
const resultsBody = z
  .looseObject({ eventList, vocabularyList: vocabularies })
  .superRefine(named("eventList", "vocabularyList"));
const results = z
  .looseObject({ queryName: text, subscriptionID: text.optional(), resultsBody })
  .superRefine(named("queryName", "subscriptionID", "resultsBody"));
const queryDocumentFields = {
  "@context": context,
  id: uri.optional(),
  type: z.literal("EPCISQueryDocument"),
  schemaVersion: version.optional(),
  creationDate: time.optional(),
  epcisBody: z.looseObject({ queryResults: results }).superRefine(named("queryResults")),
};
const DOCUMENTS: Readonly<Record<string, { schema: z.ZodType; eventsAt: readonly string[] }>> = {
  EPCISDocument: {
    schema: z.looseObject(documentFields).superRefine(named(...Object.keys(documentFields))),
    eventsAt: ["epcisBody", "eventList"],
  },
  EPCISQueryDocument: {
    schema: z.looseObject(queryDocumentFields).superRefine(named(...Object.keys(queryDocumentFields))),
    eventsAt: ["epcisBody", "queryResults", "resultsBody", "eventList"],
  },
};

const MAX_ISSUES = 100;
/** Events that are looked at before others have their turn. */
const AT_ONCE = 100;

/** The path to the events of a document; empty for one that is an event itself. */
export const eventsAt = (document: JsonObject): readonly string[] =>
  (typeof document.type === "string" ? DOCUMENTS[document.type]?.eventsAt : undefined) ?? [];

/** The events of a document that the schema accepts. */
export function eventsOf(document: JsonObject): readonly JsonObject[] {
  const path = eventsAt(document);
  if (path.length === 0) return [document];
  return path.reduce<Json>((value, name) => (value as JsonObject)[name]!, document) as readonly JsonObject[];
}

/**
 * Checks a document by the JSON schema of EPCIS 2.0: an EPCISDocument, an EPCISQueryDocument, or an event by itself.
 * @returns what is wrong, the first hundred; nothing: the schema accepts it
 */
export async function checkDocument(document: unknown): Promise<readonly SchemaIssue[]> {
  if (!isObject(document)) return [{ path: [], message: "the document must be an object" }];
  const { type } = document;
  if (typeof type !== "string") return [{ path: ["type"], message: "the type of the document is expected, as text" }];
  const known = Object.hasOwn(DOCUMENTS, type) ? DOCUMENTS[type] : undefined;
  if (known === undefined) return [...contextIssues(document), ...eventIssues(document)];
  const issues = issuesOf(known.schema, document);
  const events = known.eventsAt.reduce<unknown>((value, name) => (isObject(value) ? value[name] : undefined), document);
  if (!Array.isArray(events)) return issues;
  for (const [at, event] of events.entries()) {
    if (issues.length >= MAX_ISSUES) break;
    const found = eventIssues(event).map(({ path, message }) => ({ path: [...known.eventsAt, at, ...path], message }));
    issues.push(...found);
    if (at % AT_ONCE === AT_ONCE - 1) await nextTurn();
  }
  return issues.slice(0, MAX_ISSUES);
}

/** An event that stands by itself needs a context of its own. */
const contextIssues = (event: JsonObject): SchemaIssue[] =>
  event["@context"] === undefined ? [{ path: ["@context"], message: "a context is expected" }] : [];

function eventIssues(event: unknown): SchemaIssue[] {
  if (!isObject(event)) return [{ path: [], message: "an event is an object" }];
  if (typeof event.type !== "string")
    return [{ path: ["type"], message: "the type of the event is expected, as text" }];
  return issuesOf(schemaOfType(event.type), event);
}

function issuesOf(schema: z.ZodType, value: unknown): SchemaIssue[] {
  const { error } = schema.safeParse(value);
  return (error?.issues ?? []).map((issue) => {
    const path = issue.code === "unrecognized_keys" ? [...issue.path, ...issue.keys.slice(0, 1)] : issue.path;
    return { path, message: issue.message };
  });
}

/** `epcisBody.eventList[3].action` */
export const fieldName = (path: readonly PropertyKey[]): string =>
  path.reduce<string>(
    (name, step) =>
      typeof step === "number" ? `${name}[${step}]` : name === "" ? String(step) : `${name}.${String(step)}`,
    "",
  );
