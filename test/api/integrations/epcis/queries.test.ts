import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Ajv } from "ajv";
import addFormats from "ajv-formats";
import type { JsonObject } from "../../../../api/integrations/epcis/json.ts";
import { appendEpcisEvents } from "../../../../api/integrations/epcis/repository/append.ts";
import { transaction } from "../../../../ingest/decisions/record-facts.ts";
import { startApi, type TestApi, type TestResponse } from "../../support.ts";
import { QUERIES } from "./sample-queries.ts";
import { gs1Schema, sampleDocuments } from "./samples.ts";

let api: TestApi;
let call: (call: string, body?: unknown, headers?: Record<string, string>) => Promise<TestResponse>;
/** by what was sent: the document and the number of the event in it */
const names = new Map<string, string>();
const ajv = new Ajv({ strict: false, allErrors: true });
addFormats.default(ajv);
const isValid = ajv.compile(gs1Schema());

beforeAll(async () => {
  api = await startApi();
  call = await api.as("viewer");
  for (const { name, events, context } of sampleDocuments("valid")) {
    const known = new Set(names.keys());
    const sent = events.filter((event) => !known.has(keyOf(event)));
    sent.forEach((event) => names.set(keyOf(event), `${name.replace(".json", "")}/${events.indexOf(event)}`));
    await transaction(api.db.pool, (client) =>
      appendEpcisEvents(
        client,
        sent.map((event) => ({ event })),
        { source: "captured", context },
      ),
    );
  }
});
afterAll(() => api?.close());

/** An event as it was sent: what the repository adds where the sender has not is left out. */
function keyOf(answered: JsonObject): string {
  const { eventID: _, recordTime: __, ...event } = answered;
  return JSON.stringify(event);
}
const eventsOf = ({ body }: TestResponse): JsonObject[] =>
  (body as { epcisBody: { queryResults: { resultsBody: { eventList: JsonObject[] } } } }).epcisBody.queryResults
    .resultsBody.eventList;
const namesOf = (response: TestResponse): string[] => eventsOf(response).map((event) => names.get(keyOf(event))!);

/** `name=value` of an address, each escaped. */
const address = (parameters: string): string =>
  parameters
    .split("&")
    .map((part) => {
      const at = part.indexOf("=");
      return `${encodeURIComponent(part.slice(0, at))}=${encodeURIComponent(part.slice(at + 1))}`;
    })
    .join("&");

test.for(QUERIES)("%s", async ([parameters, found]) => {
  const response = await call(`GET /epcis/events?${address(parameters)}`);
  expect(response.status, JSON.stringify(response.body)).toBe(200);
  expect(namesOf(response).toSorted()).toEqual([...found].toSorted());
  expect(isValid(response.body), JSON.stringify(isValid.errors)).toBe(true);
});

test("all events are answered as they were sent, in the order of recording, and a document with them is valid", async () => {
  const response = await call("GET /epcis/events?perPage=100");
  expect(eventsOf(response).map(keyOf)).toEqual([...names.keys()]);
  expect(isValid(response.body), JSON.stringify(isValid.errors)).toBe(true);
  expect(response.headers.get("Link")).toBeNull();
  expect(response.headers.get("GS1-EPCIS-Version")).toBe("2.0.0");
});

test("pages follow each other by Link, in every order, and a limit of events holds over all of them", async () => {
  for (const order of ["", "orderBy=eventTime", "orderBy=recordTime&orderDirection=ASC", "orderBy=example:myField"]) {
    const whole = namesOf(await call(`GET /epcis/events?perPage=100&${order}`));
    expect(whole).toHaveLength(names.size);
    const found: string[] = [];
    let next: string | undefined = `/epcis/events?perPage=4&${order}`;
    while (next !== undefined) {
      const page: TestResponse = await call(`GET ${next}`);
      expect(page.status).toBe(200);
      found.push(...namesOf(page));
      next = /^<(.+)>; rel="next"$/.exec(page.headers.get("Link") ?? "")?.[1];
      expect(page.headers.has("GS1-Next-Page-Token-Expires")).toBe(next !== undefined);
    }
    expect(found).toEqual(whole);
  }
  const first = await call("GET /epcis/events?orderBy=eventTime&eventCountLimit=5&perPage=3");
  const link = /^<(.+)>/.exec(first.headers.get("Link")!)![1]!;
  const second = await call(`GET ${link}`);
  expect([eventsOf(first).length, eventsOf(second).length, second.headers.get("Link")]).toEqual([3, 2, null]);
});

describe("wrong queries", () => {
  const WRONG: readonly (readonly [parameters: string, pointer: string])[] = [
    ["EQ_colour=red", "/EQ_colour"],
    ["MATCH_colour=red", "/MATCH_colour"],
    ["EQ_action=SHOUT", "/EQ_action"],
    ["GE_eventTime=yesterday", "/GE_eventTime"],
    ["GE_eventTime=2026-02-30T00:00:00Z", "/GE_eventTime"],
    ["GE_eventTime=2026-02-20T00:00:00", "/GE_eventTime"],
    ["GE_quantity=many", "/GE_quantity"],
    ["EQ_booleanValue=perhaps", "/EQ_booleanValue"],
    ["orderBy=colour", "/orderBy"],
    ["orderDirection=ASC", "/orderDirection"],
    ["eventCountLimit=5", "/eventCountLimit"],
    ["orderBy=eventTime&eventCountLimit=5&maxEventCount=5", "/maxEventCount"],
    ["orderBy=eventTime&eventCountLimit=0", "/eventCountLimit"],
    ["EQ_bizStep=", "/EQ_bizStep"],
    ["nextPageToken=abc", "/nextPageToken"],
  ];
  test.for(WRONG)("%s", async ([parameters, pointer]) => {
    const { status, body, headers } = await call(`GET /epcis/events?${address(parameters)}`);
    expect(status).toBe(400);
    expect(headers.get("Content-Type")).toBe("application/problem+json");
    expect(body).toMatchObject({ type: "epcisException:QueryParameterException", status: 400, errors: [{ pointer }] });
  });

  test("more events than maxEventCount, and a query that is too long, are refused with 413", async () => {
    expect(await call("GET /epcis/events?maxEventCount=2")).toMatchObject({
      status: 413,
      body: { type: "epcisException:QueryTooLargeException" },
    });
    expect((await call("GET /epcis/events?maxEventCount=100&perPage=3")).status).toBe(200);
    const wildcards = Array.from({ length: 30 }, (_, nr) => `urn:epc:idpat:sgtin:061414${nr}.*.*`);
    expect(await call("POST /epcis/queries", { query: { MATCH_epc: wildcards } })).toMatchObject({
      status: 413,
      body: { type: "epcisException:QueryTooComplexException" },
    });
  });
});

test("a token of a next page is good for its own query, and for nothing once it was given back", async () => {
  const link = (await call("GET /epcis/events?perPage=2")).headers.get("Link")!;
  const token = new URL(/^<(.+)>/.exec(link)![1]!, "http://waystock.test").searchParams.get("nextPageToken")!;
  const wrong = { status: 400, body: { type: "epcisException:QueryParameterException" } };
  expect(await call(`GET /epcis/events?perPage=2&EQ_action=ADD&nextPageToken=${token}`)).toMatchObject(wrong);
  expect((await call(`GET /epcis/events?perPage=5&nextPageToken=${token}`)).status).toBe(200);
  expect((await call(`DELETE /epcis/nextPageToken/${token}`)).status).toBe(204);
  expect(await call(`GET /epcis/events?perPage=5&nextPageToken=${token}`)).toMatchObject(wrong);
  expect(await call("DELETE /epcis/nextPageToken/no-token")).toMatchObject({
    status: 404,
    body: { type: "epcisException:NoSuchResourceException" },
  });
});

test("prefixes of a query mean what its context or GS1-Extensions declares", async () => {
  const query = { "@context": { ex: "http://ns.example.com/epcis/" }, "EXISTS_ILMD_ex:batch": null };
  expect(namesOf(await call("POST /epcis/queries", { query }))).toEqual(["TransformationEvent/0"]);
  const none = { "@context": { ex: "http://ns.example.com/other/" }, "EXISTS_ILMD_ex:batch": null };
  expect(namesOf(await call("POST /epcis/queries", { query: none }))).toEqual([]);
  const headers = { "GS1-Extensions": "ex=http://ns.example.com/epcis/" };
  expect(namesOf(await call("GET /epcis/events?EXISTS_ILMD_ex:batch=", undefined, headers))).toEqual([
    "TransformationEvent/0",
  ]);
});
