import { afterAll, beforeAll, expect, test } from "vitest";
import { appendEpcisEvents } from "../../api/integrations/epcis/repository/append.ts";
import { transaction } from "../../ingest/decisions/record-facts.ts";
import { startApi, type TestApi } from "../api/support.ts";
import { Launched } from "../support/launched.ts";
import { type HttpReceiver, startHttpReceiver } from "../support/receivers.ts";

/** Not a limit of what is tested: the lease of a killed relay, 30 s, is waited for, and machines are busy. */
const WAIT = { timeout: 240_000, interval: 100 };
const KILLS = 3;
const EVENTS_EACH = 40;

let api: TestApi;
let http: HttpReceiver;
beforeAll(async () => {
  api = await startApi();
  http = await startHttpReceiver();
});
afterAll(async () => {
  await http?.close();
  await api?.close();
});

const record = (from: number, count: number) =>
  transaction(api.db.pool, (client) =>
    appendEpcisEvents(
      client,
      Array.from({ length: count }, (_, nr) => ({
        event: {
          ...{ type: "ObjectEvent", eventTime: "2026-03-01T08:00:00Z", eventTimeZoneOffset: "+00:00" },
          ...{ action: "OBSERVE", epcList: ["urn:example:epc"], eventID: `urn:example:${from + nr}` },
        },
      })),
      { source: "captured", context: "https://ref.gs1.org/standards/epcis/epcis-context.jsonld" },
    ),
  );
const idsOf = (body: string): string[] =>
  (
    JSON.parse(body) as { epcisBody: { queryResults: { resultsBody: { eventList: { eventID: string }[] } } } }
  ).epcisBody.queryResults.resultsBody.eventList.map(({ eventID }) => eventID);

test(
  "a relay that is killed while it tells subscribers of events loses none, and tells none twice but what it was killed with",
  { timeout: 420_000 },
  async () => {
    const manager = await api.as("manager");
    await manager("POST /epcis/queries", { name: "all", query: {} });
    const subscribed = { dest: `${http.url}/partner`, stream: true };
    expect((await manager("POST /epcis/queries/all/subscriptions", subscribed)).status).toBe(201);
    const told = () => http.at("/partner").flatMap(({ body }) => idsOf(body));
    let expected = 0;
    for (let killed = 0; killed <= KILLS; killed += 1) {
      const relay = new Launched("relay", {
        DATABASE_URL: api.db.url,
        WEBHOOK_ALLOWED_HOSTS: "127.0.0.1",
      });
      try {
        const before = http.posts.length;
        await record(expected, EVENTS_EACH);
        expected += EVENTS_EACH;
        // It is killed when a document has come, before it may have written that down.
        await expect.poll(() => http.posts.length, WAIT).toBeGreaterThan(before);
        if (killed < KILLS) relay.child.kill("SIGKILL");
        else await expect.poll(() => new Set(told()).size, WAIT).toBe(expected);
      } finally {
        relay.child.kill("SIGKILL");
        await relay.ends();
      }
    }
    const all = Array.from({ length: expected }, (_, nr) => `urn:example:${nr}`);
    // What comes again comes at once, and in order: taken by its id each is there once.
    expect([...new Set(told())]).toEqual(all);
    const largest = 30;
    expect(told().length).toBeLessThanOrEqual(expected + KILLS * largest);
  },
);
