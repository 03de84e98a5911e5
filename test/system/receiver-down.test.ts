import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { appendEpcisEvents } from "../../api/integrations/epcis/repository/append.ts";
import { transaction } from "../../ingest/decisions/record-facts.ts";
import { freePort } from "../../infra/runtime/free-port.ts";
import { idOf, verified } from "../api/integrations/webhooks/webhook-test.ts";
import { startApi, type TestApi } from "../api/support.ts";
import { Launched } from "../support/launched.ts";
import { type HttpReceiver, startHttpReceiver } from "../support/receivers.ts";

/** By the clock on the wall, which the other tests of refused deliveries move instead: there is nothing to gain by it in less than LONG. */
const IS_LONG = process.env["LONG"] === "1";
const DOWN_MS = 10 * 60_000;
const EVERY_MS = 20_000;
/** The fifth attempt is made 22.5 minutes after the first (10 % more or less), and the receiver was down at the four before. */
const BACK_WITHIN_MS = 20 * 60_000;

let api: TestApi;
let relay: Launched;
let up: HttpReceiver;
let down: HttpReceiver | undefined;
beforeAll(async () => {
  api = await startApi();
  up = await startHttpReceiver();
  relay = new Launched("relay", {
    DATABASE_URL: api.db.url,
    SECRETS_KEY: Buffer.alloc(32, 7).toString("base64"),
    WEBHOOK_ALLOWED_HOSTS: "127.0.0.1",
  });
});
afterAll(async () => {
  relay?.child.kill("SIGKILL");
  await Promise.all([up?.close(), down?.close()]);
  await api?.close();
});

const told = (receiver: HttpReceiver): string[] =>
  receiver.at("/partner").flatMap(({ body }) => {
    const { epcisBody } = JSON.parse(body) as {
      epcisBody: { queryResults: { resultsBody: { eventList: { eventID: string }[] } } };
    };
    return epcisBody.queryResults.resultsBody.eventList.map(({ eventID }) => eventID);
  });

test.runIf(IS_LONG)(
  "a receiver that is down for ten minutes by the clock gets everything when it is back, in its order where that is asked, and others wait for nothing",
  { timeout: DOWN_MS + BACK_WITHIN_MS + 300_000 },
  async () => {
    const admin = await api.as("admin");
    const port = await freePort("127.0.0.1");
    const address = `http://127.0.0.1:${port}`;
    const hooks = new Map<string, string>();
    for (const [path, url, ordered] of [
      ["/ordered", address, true],
      ["/free", address, false],
      ["/other", up.url, true],
    ] as const) {
      const { body } = await admin("POST /webhooks", { url: `${url}${path}`, types: ["order.*"], ordered });
      hooks.set(path, String(body["secret"]));
    }
    expect((await admin("POST /epcis/queries", { name: "all", query: {} })).status).toBe(201);
    const subscription = { dest: `${address}/partner`, stream: true };
    expect((await admin("POST /epcis/queries/all/subscriptions", subscription)).status).toBe(201);

    const events: string[] = [];
    const epcis: string[] = [];
    for (const began = performance.now(); performance.now() - began < DOWN_MS; await sleep(EVERY_MS)) {
      const { rows } = await api.db.pool.query<{ id: number }>(
        "INSERT INTO orders (kind) VALUES ('restock') RETURNING id",
      );
      events.push(`order-${rows[0]!.id}-1`);
      epcis.push(`urn:example:${epcis.length}`);
      const common = { type: "ObjectEvent", eventTime: "2026-03-01T08:00:00Z", eventTimeZoneOffset: "+00:00" };
      const event = { ...common, action: "OBSERVE", epcList: ["urn:example:epc"], eventID: epcis.at(-1)! };
      const context = "https://ref.gs1.org/standards/epcis/epcis-context.jsonld";
      await transaction(api.db.pool, (client) =>
        appendEpcisEvents(client, [{ event }], { source: "captured", context }),
      );
      // Who is there has it meanwhile.
      await expect.poll(() => up.at("/other").map(idOf)).toEqual(events);
    }
    const back = (down = await startHttpReceiver(port));
    const signed: string[] = [];
    // As a receiver does it: at once, for what is older than five minutes is refused.
    for (const path of ["/free", "/ordered"])
      back.answers.set(path, (post) => {
        signed.push(String(verified(hooks.get(path)!, post)["id"]));
        return { status: 200 };
      });
    const wait = { timeout: BACK_WITHIN_MS, interval: 1_000 };
    await expect.poll(() => new Set(told(back)), wait).toEqual(new Set(epcis));
    for (const path of ["/free", "/ordered"])
      await expect.poll(() => new Set(back.at(path).map(idOf)), wait).toEqual(new Set(events));
    expect([...new Set(back.at("/ordered").map(idOf))]).toEqual(events);
    expect([...new Set(told(back))]).toEqual(epcis);
    // Once each: nobody was killed.
    const byText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
    expect(signed.toSorted(byText)).toEqual([...events, ...events].toSorted(byText));
  },
);
