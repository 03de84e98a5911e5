import { afterAll, beforeAll, expect, test } from "vitest";
import { appendEpcisEvents } from "../../api/integrations/epcis/repository/append.ts";
import { transaction } from "../../ingest/decisions/record-facts.ts";
import { type ErpTest, startErpTest } from "../api/integrations/erp/erp-test.ts";
import { idOf, verified } from "../api/integrations/webhooks/webhook-test.ts";
import { type ErpnextStandIn, startErpnext } from "../support/erp/erpnext.ts";
import { type OdooStandIn, startOdoo } from "../support/erp/odoo.ts";
import { connectErps, PIECES, sell } from "../support/erp/two-shops.ts";
import { KilledApi } from "../support/killed-api.ts";
import { type HttpReceiver, type ReceivedPost, startHttpReceiver } from "../support/receivers.ts";

const LONG = process.env["LONG"] === "1";
/** How often the API is killed. */
const KILLS = LONG ? 50 : 6;
/** In the rounds before, something is sold in each ERP. */
const SOLD_UNTIL = Math.ceil(KILLS * 0.6);
const [ORDERS, EVENTS] = [3, 8];
/** Not a limit of what is tested: machines are busy. */
const WAIT = { timeout: 300_000, interval: 100 };

let erp: ErpTest;
let http: HttpReceiver;
let odoo: OdooStandIn;
let next: ErpnextStandIn;
let api: KilledApi;
beforeAll(async () => {
  erp = await startErpTest();
  [http, odoo, next] = [await startHttpReceiver(), await startOdoo(), await startErpnext()];
  const { body: client } = await erp.admin("POST /api-clients", { name: "Patient", role: "admin" });
  api = await KilledApi.start({ DATABASE_URL: erp.api.db.url }, { client_id: "", client_secret: "", ...client });
});
afterAll(async () => {
  await api?.close();
  await Promise.all([http?.close(), odoo?.close(), next?.close()]);
  await erp?.close();
});

/** Who has just been sent to. */
const PLACES = ["/ordered", "/free", "/partner", "odoo", "erpnext"] as const;
type Place = (typeof PLACES)[number];
/** At least so many messages come to a place in a round: the partner may get all events in one document. */
const IN_ROUND: Readonly<Record<Place, number>> = { "/ordered": 3, "/free": 3, "/partner": 1, odoo: 9, erpnext: 9 };
/** Called with each message, when it has arrived and before it is answered. */
let onMessage: (place: Place) => void = () => undefined;

/** The first attempt of every third event is refused. */
const refused = new Set<string>();
function listen(): void {
  const answer = (post: ReceivedPost) => {
    onMessage(post.path as Place);
    const key = `${post.path} ${idOf(post)}`;
    if (Number(/\d+/.exec(idOf(post))?.[0]) % 3 !== 0 || refused.has(key)) return { status: 200 };
    refused.add(key);
    return { status: 503 };
  };
  for (const path of ["/ordered", "/free"]) http.answers.set(path, answer);
  http.answers.set("/partner", () => {
    onMessage("/partner");
    return { status: 200 };
  });
  const heard = (place: Place) => () => Promise.resolve(onMessage(place));
  [odoo.faults.afterWork, next.faults.afterWork] = [heard("odoo"), heard("erpnext")];
}

/** Kills the API at the n-th message to a place from now on: what it was sent for is done there, and nobody here has heard of it. */
function killAt(place: Place, nth: number): () => boolean {
  let left = nth;
  onMessage = (at) => {
    if (at !== place || (left -= 1) !== 0) return;
    api.kill();
  };
  return () => left <= 0;
}

/** Nobody waits for the leases of who was killed, 30 s and more, nor for the next attempt: other tests do. */
async function hurry(isDead: boolean): Promise<void> {
  const { pool } = erp;
  const tables = ["webhook_deliveries", "epcis_subscriptions", "event_followers", "erp_connections"];
  if (isDead)
    for (const table of tables)
      await pool.query(`UPDATE ${table} SET claimed_until = now() WHERE claimed_until > now()`);
  await pool.query("UPDATE webhook_deliveries SET due_at = now() WHERE state = 'waiting' AND due_at > now()");
  await pool.query("UPDATE epcis_subscriptions SET due_at = now() WHERE due_at > now()");
  await pool.query("UPDATE erp_connections SET next_sync_at = now(), is_stopped = false WHERE next_sync_at > now()");
}

const told = (): string[] =>
  http.at("/partner").flatMap(({ body }) => {
    const { epcisBody } = JSON.parse(body) as {
      epcisBody: { queryResults: { resultsBody: { eventList: { eventID: string }[] } } };
    };
    return epcisBody.queryResults.resultsBody.eventList.map(({ eventID }) => eventID);
  });

const record = (round: number) =>
  transaction(erp.pool, (client) =>
    appendEpcisEvents(
      client,
      Array.from({ length: EVENTS }, (_, nr) => ({
        event: {
          ...{
            type: "ObjectEvent",
            eventTime: "2026-03-01T08:00:00Z",
            eventTimeZoneOffset: "+00:00",
            action: "OBSERVE",
          },
          ...{ epcList: ["urn:example:epc"], eventID: `urn:example:${round}:${nr}` },
        },
      })),
      { source: "captured", context: "https://ref.gs1.org/standards/epcis/epcis-context.jsonld" },
    ),
  );

/** The receivers have signed for what has been shipped. */
async function deliver(): Promise<void> {
  const { rows } = await erp.pool.query<{ id: number }>(
    "SELECT id FROM shipments WHERE order_id IS NOT NULL AND status <> 'delivered' ORDER BY id LIMIT 4",
  );
  for (const { id } of rows)
    expect((await api.ask(`POST /shipments/${id}/proof-of-delivery`, { name: "Ann" })).status).toBe(200);
}

test.runIf(process.platform === "linux")(
  "the API is killed again and again amid webhooks, EPCIS subscriptions and ERP sync: nothing is lost, what comes twice has the same id, and the order is kept",
  { timeout: LONG ? 5_400_000 : 900_000 },
  async () => {
    const hooks = await Promise.all(
      ["/ordered", "/free"].map(async (path) => {
        const fields = { url: `${http.url}${path}`, types: ["*"], ordered: path === "/ordered" };
        const { status, body } = await api.ask("POST /webhooks", fields);
        expect(status).toBe(201);
        return { path, ...(body as { id: number; secret: string }) };
      }),
    );
    expect((await api.ask("POST /epcis/queries", { name: "all", query: {} })).status).toBe(201);
    const subscription = { dest: `${http.url}/partner`, stream: true };
    expect((await api.ask("POST /epcis/queries/all/subscriptions", subscription)).status).toBe(201);
    const connections = await connectErps(erp, odoo, next);
    listen();
    const [place] = [erp.hub];
    const { body: item } = await erp.admin("POST /items", { sku: "tea", name: "tea" });
    const placed: number[] = [];

    async function happen(round: number): Promise<void> {
      if (round < SOLD_UNTIL) sell(odoo, next);
      await record(round);
      const lines = [{ item_id: item["id"], quantity: 1 }];
      for (let nr = 0; nr < ORDERS; nr += 1) {
        const order = { kind: "restock", location_id: place, lines, reference: `round ${round}/${nr}` };
        const { status, body } = await api.ask("POST /orders", order);
        expect(status).toBe(201);
        placed.push((body as { id: number }).id);
      }
      await deliver();
    }
    for (let round = 0; round < KILLS; round += 1) {
      const at = PLACES[round % PLACES.length]!;
      const isKilled = killAt(at, 1 + (Math.floor(round / PLACES.length) % IN_ROUND[at]));
      const happening = happen(round);
      const waited = async (): Promise<boolean> => hurry(false).then(isKilled);
      // What it is asked for meanwhile must not fail; it ends when the API is back.
      await Promise.race([expect.poll(waited, WAIT).toBe(true), happening.then(() => new Promise(() => {}))]);
      await api.ends();
      await hurry(true);
      api.start();
      await happening;
    }

    const delivered = () => [
      ...odoo.models.table("sale.order.line").map((line) => Number(line["qty_delivered"] ?? 0)),
      ...next.documents
        .of("Sales Order")
        .flatMap(({ items }) => (items as { delivered_qty?: number }[]).map((row) => row.delivered_qty ?? 0)),
    ];
    const waits = async (): Promise<unknown> => {
      await hurry(false);
      await deliver();
      const { rows } = await erp.pool.query<{
        waiting: number;
      }>(`SELECT ((SELECT count(*) FROM outbox) + (SELECT count(*) FROM erp_changes)
        + (SELECT count(*) FROM webhook_deliveries WHERE state = 'waiting')
        + (SELECT count(*) FROM erp_documents WHERE direction = 'out' AND state IN ('waiting', 'reversing'))
        + (SELECT count(*) FROM epcis_subscriptions WHERE position < (SELECT max(position) FROM epcis_events)))::int AS waiting`);
      return [rows[0]!.waiting, new Set(delivered())];
    };
    await expect.poll(waits, WAIT).toEqual([0, new Set([PIECES])]);

    // Webhooks: each event of the log has come, by its one id, with the same bytes each time.
    const { rows: log } = await erp.pool.query<{ id: string }>("SELECT id FROM outbound_events ORDER BY position");
    const events = log.map(({ id }) => id);
    for (const { path, secret } of hooks) {
      const posts = http.at(path);
      expect(new Set(posts.map(idOf))).toEqual(new Set(events));
      const bodies = new Map(posts.map((post) => [idOf(post), post.body]));
      for (const post of posts) expect(post.body).toBe(bodies.get(idOf(post)));
      expect(verified(secret, posts.at(-1)!)).toMatchObject({ id: idOf(posts.at(-1)!) });
    }
    expect([...new Set(http.at("/ordered").map(idOf))]).toEqual(events);
    // Each order that was placed is there once, and was told.
    expect(events).toEqual(expect.arrayContaining(placed.map((id) => `order-${id}-1`)));
    const { rows: orders } = await erp.pool.query("SELECT id FROM orders WHERE reference LIKE 'round %' ORDER BY id");
    expect(orders.map(({ id }) => Number(id))).toEqual(placed.toSorted((a, b) => a - b));
    expect(placed).toHaveLength(KILLS * ORDERS);

    // EPCIS: each event of the repository, in its order.
    const { rows: repository } = await erp.pool.query<{ id: string }>(
      "SELECT event_id AS id FROM epcis_events ORDER BY position",
    );
    expect(repository.length).toBeGreaterThanOrEqual(KILLS * EVENTS);
    expect([...new Set(told())]).toEqual(repository.map(({ id }) => id));

    // ERP: one order here, one delivery there.
    const { rows: ofErp } = await erp.pool.query("SELECT FROM orders WHERE kind = 'customer'");
    expect(ofErp).toHaveLength(2 * SOLD_UNTIL);
    const sum = 1_000 - PIECES * SOLD_UNTIL;
    expect([
      odoo.onHand(odoo.models.table("product.product")[0]!),
      next.documents.onHand("bread", next.warehouse),
    ]).toEqual([sum, sum]);
    expect(odoo.models.table("stock.picking").filter(({ state }) => state === "done")).toHaveLength(SOLD_UNTIL);
    expect(next.documents.of("Delivery Note").map(({ docstatus }) => docstatus)).toEqual(
      Array.from({ length: SOLD_UNTIL }, () => 1),
    );
    for (const id of connections)
      await expect.poll(() => erp.stateOf(id), WAIT).toMatchObject({ conflicts: 0, differences: 0, problem: null });
  },
);
