import { createHmac } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startRelay } from "../../../../api/integrations/relay/relay.ts";
import { appendEpcisEvents } from "../../../../api/integrations/epcis/repository/append.ts";
import { transaction } from "../../../../ingest/decisions/record-facts.ts";
import { startLoop } from "../../../../ingest/workers/loop.ts";
import { maskSecrets } from "../../../../infra/runtime/mask-secrets.ts";
import { quiet } from "../../../support/ingest.ts";
import { type HttpReceiver, startHttpReceiver } from "../../../support/receivers.ts";
import { SEALER, startApi, type TestApi, type TestResponse } from "../../support.ts";

const CONTEXT = [
  "https://ref.gs1.org/standards/epcis/epcis-context.jsonld",
  { example: "http://ns.example.com/epcis/" },
];
type Call = (call: string, body?: unknown) => Promise<TestResponse>;

let api: TestApi;
let http: HttpReceiver;
let manager: Call;
const relays: ReturnType<typeof startRelay>[] = [];
let serial = 0;

beforeAll(async () => {
  api = await startApi();
  http = await startHttpReceiver();
  manager = await api.as("manager");
  const options = { pool: api.db.pool, sealer: SEALER, publicUrl: "http://waystock.test", smtpUrl: undefined };
  const start = () =>
    startRelay({ ...options, allowedHosts: ["127.0.0.1"], startLoop, maskSecrets, log: quiet, intervalMs: 50 });
  // Two are at work: each event is still told once.
  relays.push(start(), start());
});
afterAll(async () => {
  await Promise.all(relays.map((relay) => relay.close()));
  await http?.close();
  await api?.close();
});

const record = (events: readonly object[]) =>
  transaction(api.db.pool, (client) =>
    appendEpcisEvents(
      client,
      events.map((fields) => ({
        event: {
          ...{ type: "ObjectEvent", eventTime: "2026-03-01T08:00:00+01:00", eventTimeZoneOffset: "+01:00" },
          ...{ action: "OBSERVE", epcList: ["urn:epc:id:sscc:0614141.1234567890"], ...fields },
        },
      })),
      { source: "captured", context: CONTEXT },
    ),
  );

/** A query of its own, and a subscription to it. */
async function subscribe(fields: object, query: object = {}) {
  const nr = (serial += 1);
  const name = `query-${nr}`;
  const step = `https://example.com/step/${nr}`;
  expect((await manager("POST /epcis/queries", { name, query: { EQ_bizStep: [step], ...query } })).status).toBe(201);
  const dest = `${http.url}/${name}`;
  const made = await manager(`POST /epcis/queries/${name}/subscriptions`, { dest, ...fields });
  expect(made.status, JSON.stringify(made.body)).toBe(201);
  const path = made.headers.get("Location")!;
  return {
    ...{ name, step, path, id: String(made.body["subscriptionID"]) },
    posts: () => http.at(`/${name}`),
    told: () => http.at(`/${name}`).flatMap(({ body }) => idsOf(body)),
    state: async () => (await manager(`GET ${path}`)).body,
    due: () => api.db.pool.query("UPDATE epcis_subscriptions SET due_at = now() WHERE query_name = $1", [name]),
  };
}

interface Told {
  type: string;
  epcisBody: {
    queryResults: { queryName: string; subscriptionID: string; resultsBody: { eventList: { eventID: string }[] } };
  };
}
const idsOf = (body: string): string[] =>
  (JSON.parse(body) as Told).epcisBody.queryResults.resultsBody.eventList.map(({ eventID }) => eventID);
const idOf = (name: string, nr: number): string => `urn:example:${name}:${nr}`;

test("a stream is told of each event that its query finds, once, signed with its token", async () => {
  const token = "13df38d8275b13f05704629e5f1cf3d45d6132d5";
  const { name, step, posts, told, id, state } = await subscribe({ signatureToken: token, stream: true });
  await record([
    { eventID: idOf(name, 1), bizStep: step },
    { eventID: idOf(name, 2), bizStep: "shipping" },
  ]);
  await record([{ eventID: idOf(name, 3), bizStep: step }]);
  await expect.poll(told).toEqual([idOf(name, 1), idOf(name, 3)]);
  const [post] = posts();
  const signature = createHmac("sha256", token).update(post!.body).digest("base64");
  expect(post!.headers["gs1-signature"]).toBe(signature);
  expect(post!.headers["gs1-epcis-version"]).toBe("2.0.0");
  expect(Date.parse(String(post!.headers["gs1-query-min-record-time"]))).not.toBeNaN();
  const document = JSON.parse(post!.body) as Told;
  expect(document.type).toBe("EPCISQueryDocument");
  expect(document.epcisBody.queryResults).toMatchObject({ queryName: name, subscriptionID: id });
  // The relay writes what it has sent after the receiver has answered.
  const lastNotifiedAt: unknown = expect.any(String);
  await expect.poll(state).toMatchObject({ stream: true, state: "active", queryName: name, lastNotifiedAt });
  expect(JSON.stringify(await state())).not.toContain(token);
});

test("a correction reaches subscribers by itself: the declaration that the event was wrong, and the right one", async () => {
  const { name, step, told, posts } = await subscribe({ stream: true });
  await record([{ eventID: idOf(name, 1), bizStep: step, disposition: "in_transit" }]);
  await expect.poll(told).toEqual([idOf(name, 1)]);
  const errorDeclaration = {
    declarationTime: "2026-03-02T08:00:00Z",
    reason: "incorrect_data",
    correctiveEventIDs: [idOf(name, 2)],
  };
  await record([
    { eventID: idOf(name, 1), bizStep: step, disposition: "in_transit", errorDeclaration },
    { eventID: idOf(name, 2), bizStep: step, disposition: "damaged" },
  ]);
  await expect.poll(told).toEqual([idOf(name, 1), idOf(name, 1), idOf(name, 2)]);
  expect(posts()[1]!.body).toContain('"reason":"incorrect_data"');
});

test("what a receiver missed while it was away is told when it is back, in order; others do not wait", async () => {
  const down = await subscribe({ stream: true });
  const up = await subscribe({ stream: true });
  const answer = http.answer;
  http.answer = { status: 503, body: "away" };
  const events = (of: { name: string; step: string }) =>
    Array.from({ length: 70 }, (_, nr) => ({ eventID: idOf(of.name, nr), bizStep: of.step }));
  await record(events(down));
  await expect.poll(async () => (await down.state())["state"]).toBe("failing");
  expect(await down.state()).toMatchObject({ lastResponse: "HTTP 503 away", failingSince: expect.any(String) });
  http.answer = answer;
  await record(events(up));
  await expect.poll(up.told).toHaveLength(70);
  await down.due();
  await expect.poll(async () => (await down.state())["state"]).toBe("active");
  await expect.poll(() => new Set(down.told()).size).toBe(70);
  const accepted = down.told().slice(-70);
  expect(accepted).toEqual(events(down).map(({ eventID }) => eventID));
});

test("410 ends a subscription, 413 makes documents smaller", async () => {
  const gone = await subscribe({ stream: true });
  const answer = http.answer;
  http.answer = { status: 410, body: "" };
  await record([{ eventID: idOf(gone.name, 1), bizStep: gone.step }]);
  await expect.poll(async () => (await gone.state())["state"]).toBe("ended");
  http.answer = { status: 413, body: "" };
  const small = await subscribe({ stream: true });
  await record(Array.from({ length: 8 }, (_, nr) => ({ eventID: idOf(small.name, nr), bizStep: small.step })));
  await expect.poll(() => small.posts().some(({ body }) => idsOf(body).length === 1)).toBe(true);
  http.answer = answer;
  await small.due();
  await expect.poll(() => new Set(small.told()).size).toBe(8);
});

test("a schedule reports what was recorded since, and that there was nothing only where asked", async () => {
  const silent = await subscribe({ schedule: { second: "0/1" } });
  const loud = await subscribe({ schedule: { second: "0/1" }, reportIfEmpty: true });
  await expect.poll(() => loud.posts().length, { timeout: 10_000 }).toBeGreaterThan(1);
  expect(loud.told()).toEqual([]);
  expect(silent.posts()).toEqual([]);
  await record([silent, loud].map(({ name, step }) => ({ eventID: idOf(name, 1), bizStep: step })));
  await expect
    .poll(() => [silent.told(), loud.told()], { timeout: 10_000 })
    .toEqual([[idOf(silent.name, 1)], [idOf(loud.name, 1)]]);
  expect(await silent.state()).toMatchObject({ schedule: { second: "0/1" }, reportIfEmpty: false });
});

test("initialRecordTime begins in the past", async () => {
  const { step, name } = await subscribe({ stream: true });
  await record([{ eventID: idOf(name, 1), bizStep: step }]);
  const again = await manager(`POST /epcis/queries/${name}/subscriptions`, {
    dest: `${http.url}/again-${name}`,
    stream: true,
    initialRecordTime: "2020-01-01T00:00:00Z",
  });
  expect(again.status).toBe(201);
  await expect.poll(() => http.at(`/again-${name}`).flatMap(({ body }) => idsOf(body))).toEqual([idOf(name, 1)]);
});

test("subscriptions are checked, listed and ended; deleting a query ends them all", async () => {
  const { name, path } = await subscribe({ stream: true });
  const at = `/epcis/queries/${name}/subscriptions`;
  const dest = `${http.url}/x`;
  const WRONG: readonly (readonly [body: object, type: string])[] = [
    [{ dest }, "SubscriptionControlsException"],
    [{ dest, stream: true, schedule: { hour: "1" } }, "SubscriptionControlsException"],
    [{ dest, schedule: {} }, "SubscriptionControlsException"],
    [{ dest, schedule: { hour: "25" } }, "ValidationException"],
    [{ dest, schedule: { month: "2", dayOfMonth: "31" } }, "SubscriptionControlsException"],
    [{ dest: "http://10.0.0.1/x", stream: true }, "ValidationException"],
    [{ dest: "https://169.254.169.254/x", stream: true }, "ValidationException"],
    [{ dest: "nowhere", stream: true }, "ValidationException"],
    [{ stream: true }, "ValidationException"],
    [{ dest, stream: true, colour: "red" }, "ValidationException"],
  ];
  for (const [body, type] of WRONG)
    expect(await manager(`POST ${at}`, body), JSON.stringify(body)).toMatchObject({
      status: 400,
      body: { type: `epcisException:${type}` },
    });
  expect(await manager(`POST /epcis/queries/unknown/subscriptions`, { dest, stream: true })).toMatchObject({
    status: 404,
    body: { type: "epcisException:NoSuchNameException" },
  });
  const viewer = await api.as("viewer");
  expect((await viewer(`GET ${at}`)).status).toBe(403);
  await manager(`POST ${at}`, { dest, stream: true });
  const page = await manager(`GET ${at}?perPage=1`);
  expect(page.body).toHaveLength(1);
  expect(page.headers.get("Link")).toContain('rel="next"');
  expect((await manager(`DELETE ${path}`)).status).toBe(204);
  expect(await manager(`GET ${path}`)).toMatchObject({
    status: 404,
    body: { type: "epcisException:NoSuchSubscriptionException" },
  });
  expect(await manager(`POST /epcis/queries`, { name, query: {} })).toMatchObject({
    status: 409,
    body: { type: "epcisException:ResourceAlreadyExistsException" },
  });
  expect((await viewer("POST /epcis/queries", { name: "mine", query: {} })).status).toBe(403);
  expect((await manager(`DELETE /epcis/queries/${name}`)).status).toBe(204);
  const { rows } = await api.db.pool.query("SELECT FROM epcis_subscriptions WHERE query_name = $1", [name]);
  expect(rows).toEqual([]);
});
