import { afterAll, beforeAll, expect, test } from "vitest";
import { sampleDocuments } from "../../integrations/epcis/samples.ts";
import { startApi, type TestApi } from "../../support.ts";
import { capture, CONTEXT, documentWith, eventWith, finished } from "./epcis-test.ts";

let api: TestApi;
let operator: Awaited<ReturnType<TestApi["as"]>>;
let viewer: Awaited<ReturnType<TestApi["as"]>>;
beforeAll(async () => {
  api = await startApi();
  operator = await api.as("operator");
  viewer = await api.as("viewer");
});
afterAll(() => api?.close());

const idOf = (eventID: string): string => `/epcis/events/${encodeURIComponent(eventID)}`;

test.each(sampleDocuments("valid").map((sample) => [sample.name, sample] as const))(
  "every document that the schema accepts is captured, and given back equal: %s",
  async (_name, { text, context, events }) => {
    const job = await capture(operator, text);
    expect(job).toMatchObject({
      success: true,
      errors: [],
      captureErrorBehaviour: "rollback",
      events: events.length,
    });
    const { rows } = await api.db.pool.query<{ event_id: string; body: string }>(
      "SELECT event_id, body FROM epcis_events ORDER BY position",
    );
    for (const event of events) {
      const stored = rows.find(({ body }) => JSON.stringify(JSON.parse(body)) === JSON.stringify(event))!;
      expect(text).toContain(stored.body);
      if (event.errorDeclaration !== undefined) continue;
      const { body } = await viewer(`GET ${idOf(stored.event_id)}`);
      const added = { "@context": context, eventID: stored.event_id, recordTime: body["recordTime"] };
      expect(body).toEqual({ ...added, ...event });
    }
  },
);

test.each(sampleDocuments("invalid").map((sample) => [sample.name, sample] as const))(
  "a document that the schema refuses is refused at once, and the field is named: %s",
  async (_name, { text }) => {
    const { status, body, headers } = await operator("POST /epcis/capture", text);
    expect(status).toBe(400);
    expect(headers.get("Content-Type")).toBe("application/problem+json");
    expect(body).toMatchObject({ type: "epcisException:ValidationException", status: 400 });
    expect(String(body["detail"])).toMatch(/@context|action|eventTime|quantity/);
    expect((body["errors"] as unknown[]).length).toBeGreaterThan(0);
  },
);

test("the same document twice gives the same events, and an event in another spelling is the same", async () => {
  const event = eventWith({ readPoint: { id: "urn:epc:id:sgln:0614141.00777.0" } });
  const first = await capture(operator, documentWith(event));
  expect(first).toMatchObject({ success: true, added: 1, known: 0 });
  const other = {
    ...event,
    readPoint: { id: "https://id.gs1.org/414/0614141007776" },
    bizStep: "cbv:BizStep-shipping",
  };
  expect(await capture(operator, documentWith(event, other))).toMatchObject({ success: true, added: 0, known: 2 });
});

test("with rollback nothing is kept of a document with an event that cannot be captured; with proceed all others are", async () => {
  const eventID = "urn:uuid:22222222-2222-4222-8222-222222222222";
  await capture(operator, documentWith(eventWith({ eventID })));
  const count = async (): Promise<number> =>
    Number((await api.db.pool.query("SELECT count(*) FROM epcis_events")).rows[0].count);
  const before = await count();
  const bad = [eventWith(), eventWith({ eventID }), eventWith({ eventTime: "0000-03-01T08:00:00Z" })];
  const rolledBack = await capture(operator, documentWith(...bad));
  expect(rolledBack).toMatchObject({ success: false, added: 0 });
  expect(rolledBack["errors"]).toMatchObject([{ instance: "/epcisBody/eventList/2" }]);
  const conflict = await capture(operator, documentWith(...bad.slice(0, 2)));
  expect(conflict["errors"]).toMatchObject([
    { type: "epcisException:ResourceAlreadyExistsException", instance: "/epcisBody/eventList/1" },
  ]);
  expect(await count()).toBe(before);
  for (const header of ["GS1-Capture-Error-Behaviour", "GS1-EPCIS-Capture-Error-Behaviour"]) {
    const job = await capture(operator, documentWith(...bad), { [header]: "proceed" });
    expect(job).toMatchObject({ success: false, captureErrorBehaviour: "proceed" });
    expect((job["errors"] as object[]).length).toBe(2);
  }
  expect(await count()).toBe(before + 1);
});

test("an answer of a query is captured like a document, and so is an event by itself", async () => {
  const [one, two] = [eventWith(), eventWith()];
  const answer = {
    "@context": CONTEXT,
    type: "EPCISQueryDocument",
    epcisBody: { queryResults: { queryName: "all", resultsBody: { eventList: [one] } } },
  };
  expect(await capture(operator, answer)).toMatchObject({ success: true, added: 1 });
  expect(await capture(operator, { "@context": CONTEXT, ...two })).toMatchObject({ success: true, added: 1 });
  expect(await capture(operator, documentWith())).toMatchObject({ success: true, added: 0, events: 0 });
});

test("an event of somebody's own type, with names of their own, stays as it is", async () => {
  const own = {
    "example:list": [{ "example:n": 1.5 }, null, true],
    "example:text": "urn:epc:id:sscc:0614141.1234567890",
  };
  const [time, offset] = ["2026-03-01T08:00:00Z", "+00:00"];
  const event = {
    type: "example:Weighing",
    eventTime: time,
    eventTimeZoneOffset: offset,
    eventID: "urn:x:own",
    ...own,
  };
  expect(await capture(operator, documentWith(event))).toMatchObject({ success: true });
  const { body } = await viewer(`GET ${idOf("urn:x:own")}`);
  expect(body).toMatchObject({ ...event, "@context": CONTEXT });
  const { rows } = await api.db.pool.query("SELECT type FROM epcis_events WHERE event_id = 'urn:x:own'");
  expect(rows).toEqual([{ type: "http://ns.example.com/epcis/Weighing" }]);
});

test("captures are paged by perPage and nextPageToken, newest first", async () => {
  const jobs: string[] = [];
  for (let sent = 0; sent < 3; sent += 1)
    jobs.unshift(String((await capture(operator, documentWith(eventWith())))["captureID"]));
  const seen: string[] = [];
  let path: string | undefined = "/epcis/capture?perPage=2";
  for (let page = 0; page < 2; page += 1) {
    const { status, body, headers } = await viewer(`GET ${path}`);
    expect(status).toBe(200);
    seen.push(...(body as unknown as { captureID: string }[]).map(({ captureID }) => captureID));
    expect(headers.get("GS1-Next-Page-Token-Expires")).not.toBeNull();
    path = /<(.+)>; rel="next"/.exec(headers.get("Link") ?? "")?.[1];
  }
  expect(seen.slice(0, 3)).toEqual(jobs);
  const all = await viewer("GET /epcis/capture?perPage=100000");
  expect(all.headers.get("Link")).toBeNull();
  expect((await viewer("GET /epcis/capture?nextPageToken=x")).status).toBe(400);
  expect((await viewer(`GET /epcis/capture/${jobs[0]}`)).body).toMatchObject({ running: false, success: true });
  const unknown = await viewer("GET /epcis/capture/00000000-0000-4000-8000-000000000000");
  expect(unknown).toMatchObject({ status: 404, body: { type: "epcisException:NoSuchResourceException" } });
});

test("what is no JSON, too large or too much is refused with its limits", async () => {
  const xml = await operator("POST /epcis/capture", "<x/>", { "Content-Type": "application/xml" });
  expect(xml).toMatchObject({ status: 415, body: { type: "epcisException:UnsupportedMediaTypeException" } });
  const broken = await operator("POST /epcis/capture", "{");
  expect(broken).toMatchObject({ status: 400, body: { type: "epcisException:ValidationException" } });
  const event = JSON.stringify(eventWith());
  const many = JSON.stringify(documentWith()).replace("[]", `[${Array(5_001).fill(event).join(",")}]`);
  const tooMany = await operator("POST /epcis/capture", many);
  expect(tooMany).toMatchObject({ status: 413, body: { type: "epcisException:CaptureLimitExceededException" } });
  expect(tooMany.headers.get("GS1-EPCIS-Capture-Limit")).toBe("5000");
  const large = await operator("POST /epcis/capture", " ".repeat(11 * 1024 * 1024));
  expect(large).toMatchObject({ status: 413 });
  expect(large.headers.get("GS1-EPCIS-Capture-File-Size-Limit")).toBe(String(10 * 1024 * 1024));
});

test("a document that is sent again with its Idempotency-Key is captured once; another one, or another behaviour, is refused", async () => {
  const key = { "Idempotency-Key": "capture-1" };
  const document = documentWith(eventWith());
  const first = await operator("POST /epcis/capture", document, key);
  const again = await operator("POST /epcis/capture", document, key);
  expect([first.status, again.status]).toEqual([202, 202]);
  expect(again.headers.get("Location")).toBe(first.headers.get("Location"));
  expect((await operator("POST /epcis/capture", documentWith(eventWith()), key)).status).toBe(422);
  const proceeding = { ...key, "GS1-Capture-Error-Behaviour": "proceed" };
  expect((await operator("POST /epcis/capture", document, proceeding)).status).toBe(422);
  await finished(viewer, first.headers.get("Location")!);
});

test("OPTIONS tells what is spoken, and other versions are refused", async () => {
  const options = await api.app.request("/epcis/capture", { method: "OPTIONS" });
  expect(options.status).toBe(204);
  expect(options.headers.get("GS1-EPCIS-Version")).toBe("2.0.0");
  expect(options.headers.get("GS1-CBV-Version")).toBe("2.0.0");
  expect(options.headers.get("GS1-EPCIS-Capture-Limit")).toBe("5000");
  const asked = (headers: Record<string, string>) => viewer("GET /epcis/capture", undefined, headers);
  expect((await asked({ "GS1-EPCIS-Version": "2.0.0", "GS1-EPCIS-Max": "2.1" })).headers.get("GS1-EPCIS-Version")).toBe(
    "2.0.0",
  );
  expect(await asked({ "GS1-EPCIS-Min": "2.1" })).toMatchObject({
    status: 406,
    body: { type: "epcisException:NotAcceptableException" },
  });
  expect((await asked({ "GS1-CBV-Version": "1.2" })).status).toBe(406);
});

test("a capture that nobody runs, because its process was killed, is run by another", async () => {
  const { rows } = await api.db.pool.query<{ id: string }>(
    `INSERT INTO epcis_captures (document, header, error_behaviour, events, claim, claimed_until, attempts)
     VALUES ($1, '{}', 'rollback', 1, gen_random_uuid(), now() - interval '1 second', 1) RETURNING id`,
    [JSON.stringify(documentWith(eventWith()))],
  );
  expect(await finished(viewer, `/epcis/capture/${rows[0]!.id}`)).toMatchObject({ success: true, added: 1 });
});
