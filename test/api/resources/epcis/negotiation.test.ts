import { afterAll, beforeAll, expect, test } from "vitest";
import { startApi, type TestApi } from "../../support.ts";
import { capture, CONTEXT, documentWith, eventWith } from "./epcis-test.ts";

let api: TestApi;
let operator: Awaited<ReturnType<TestApi["as"]>>;
beforeAll(async () => {
  api = await startApi();
  operator = await api.as("operator");
});
afterAll(() => api?.close());

test.each([
  ["/epcis", "GET, HEAD, OPTIONS"],
  ["/epcis/", "GET, HEAD, OPTIONS"],
  ["/epcis/capture", "GET, HEAD, OPTIONS, POST"],
  ["/epcis/capture/a", "GET, HEAD, OPTIONS"],
  ["/epcis/events", "GET, HEAD, OPTIONS, POST"],
  ["/epcis/events/a", "GET, HEAD, OPTIONS"],
  ["/epcis/eventTypes/ObjectEvent/events", "GET, HEAD, OPTIONS"],
  ["/epcis/epcs", "GET, HEAD, OPTIONS"],
  ["/epcis/queries", "GET, HEAD, OPTIONS, POST"],
  ["/epcis/queries/a", "DELETE, GET, HEAD, OPTIONS"],
  ["/epcis/queries/a/subscriptions", "GET, HEAD, OPTIONS, POST"],
  ["/epcis/queries/a/subscriptions/b", "DELETE, GET, HEAD, OPTIONS"],
  ["/epcis/nextPageToken/a", "DELETE, OPTIONS"],
])("OPTIONS %s tells what the path takes, and no more", async (path, allow) => {
  const { status, headers } = await api.app.request(path, { method: "OPTIONS" });
  expect(status).toBe(204);
  expect(headers.get("Allow")).toBe(allow);
  expect(headers.get("GS1-EPCIS-Version")).toBe("2.0.0");
});

test("OPTIONS of what does not exist is answered so", async () => {
  const { status, headers } = await api.app.request("/epcis/nothing", { method: "OPTIONS" });
  expect(status).toBe(404);
  expect(headers.get("Allow")).toBeNull();
});

test.each([
  ["application/json", 200],
  ["application/ld+json;q=0.9, text/html", 200],
  ["text/html, */*;q=0.1", 200],
  ["application/*", 200],
  ["application/xml", 406],
  ["text/html", 406],
  ["application/json;q=0, text/csv", 406],
])("answers are JSON: who accepts %s gets %i", async (accept, status) => {
  const answer = await operator("GET /epcis/eventTypes", undefined, { Accept: accept });
  expect(answer.status).toBe(status);
  if (status === 406) expect(answer.body["type"]).toBe("epcisException:NotAcceptableException");
});

test("a way to spell words of the CBV that does not exist is refused", async () => {
  const read = (format: string) => operator("GET /epcis/events", undefined, { "GS1-CBV-XML-Format": format });
  expect((await read("Always_Web_URI")).status).toBe(200);
  const refused = await read("Sometimes");
  expect(refused.status).toBe(406);
  expect(refused.body["detail"]).toContain("GS1-CBV-XML-Format");
});

test("an event without something is not found by a parameter for events that have it", async () => {
  const refused = await operator("GET /epcis/events?EXISTS_ilmd=false");
  expect(refused).toMatchObject({ status: 400, body: { type: "epcisException:QueryParameterException" } });
  expect(refused.body["detail"]).toContain("EXISTS_ilmd");
  for (const value of ["", "true", "null", "1"])
    expect((await operator(`GET /epcis/events?EXISTS_ilmd=${value}`)).status).toBe(200);
  const manager = await api.as("manager");
  const query = (value: unknown) =>
    manager("POST /epcis/queries", { name: `q-${String(value)}`, query: { EXISTS_ilmd: value } });
  expect((await query(true)).status).toBe(201);
  expect((await query(false)).status).toBe(400);
});

test("bytes are found in capitals and in small letters", async () => {
  const sensorReport = [{ type: "example:Bytes", hexBinaryValue: "f0ab" }];
  const event = eventWith({ sensorElementList: [{ sensorReport }] });
  await capture(operator, documentWith(event));
  const { body } = await operator("GET /epcis/events?EQ_hexBinaryValue=F0AB");
  expect(JSON.stringify(body)).toContain('"hexBinaryValue":"f0ab"');
});

test("what the headers ask for is looked at once the sender is known", async () => {
  const answers = async (headers: Record<string, string>): Promise<number> =>
    (await api.app.request("/epcis/events", { headers: { Accept: "text/html", ...headers } })).status;
  expect(await answers({})).toBe(401);
  expect(await answers({ Authorization: "Bearer no-token" })).toBe(401);
  expect(await answers({ Authorization: `Bearer ${await api.tokenOf("viewer")}` })).toBe(406);
});

test("what is packed or unpacked names its parent", async () => {
  const { epcList: childEPCs, ...rest } = eventWith({ type: "AggregationEvent", bizStep: "packing" });
  const packing = { ...rest, childEPCs, action: "ADD" };
  const refused = await operator("POST /epcis/events", { "@context": CONTEXT, ...packing });
  expect(refused).toMatchObject({ status: 400, body: { type: "epcisException:ValidationException" } });
  expect(refused.body["detail"]).toContain("parentID");
  const job = await capture(operator, documentWith(packing));
  expect(job).toMatchObject({ success: false, added: 0 });
  expect(JSON.stringify(job["errors"])).toContain("parentID");
  const seen = { "@context": CONTEXT, ...packing, action: "OBSERVE" };
  expect((await operator("POST /epcis/events", seen)).status).toBe(201);
});
