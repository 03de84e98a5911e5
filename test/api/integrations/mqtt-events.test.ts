import { once } from "node:events";
import { type AddressInfo, connect, createServer } from "node:net";
import { connectAsync, type MqttClient } from "mqtt";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startMqttEvents } from "../../../api/integrations/events/mqtt-publisher.ts";
import { fanOut } from "../../../api/integrations/relay/fan-out.ts";
import { readEventLog } from "../../../api/resources/event-log/queries.ts";
import { startLoop } from "../../../ingest/workers/loop.ts";
import { maskSecrets } from "../../../infra/runtime/mask-secrets.ts";
import { quiet } from "../../support/ingest.ts";
import { type Mosquitto, startMosquitto } from "../../support/mosquitto.ts";
import { requires } from "../../support/requires.ts";
import { startApi, type TestApi } from "../support.ts";

const mosquitto = requires("mosquitto");

describe.skipIf(!mosquitto)("events for an external broker", () => {
  let api: TestApi;
  let server: Mosquitto;
  let listener: MqttClient | undefined;
  let got: { topic: string; qos: number; id: string; body: Record<string, unknown> }[];
  beforeAll(async () => {
    api = await startApi();
    await api.db.pool.query("INSERT INTO locations (name) VALUES ('shelf')");
    await api.db.pool.query("INSERT INTO items (sku, name) VALUES ('oil', 'Oil')");
    server = await startMosquitto(mosquitto!);
    await listen();
  });
  afterAll(async () => {
    await listener?.endAsync(true);
    await server?.close();
    await api?.close();
  });

  async function listen(): Promise<void> {
    await listener?.endAsync(true);
    got = [];
    listener = await connectAsync(server.url);
    listener.on("message", (topic, payload, { qos }) => {
      const body = JSON.parse(payload.toString()) as Record<string, unknown>;
      got.push({ topic, qos, id: String(body["id"]), body });
    });
    await listener.subscribeAsync("waystock/events/#", { qos: 1 });
  }
  const start = (url = server.url) => {
    const { pool } = api.db;
    return startMqttEvents({
      pool,
      url,
      publicUrl: "http://waystock.test",
      startLoop,
      maskSecrets,
      log: quiet,
      intervalMs: 20,
    });
  };
  /** so many orders are placed. @returns the ids of their events, in the order of the log */
  async function happen(count: number): Promise<string[]> {
    const { rows } = await api.db.pool.query<{ id: number }>(
      "INSERT INTO orders (kind, location_id) SELECT 'restock', 1 FROM generate_series(1, $1) RETURNING id",
      [count],
    );
    while ((await fanOut(api.db.pool)) > 0);
    return rows.map(({ id }) => `order-${id}-1`);
  }
  const follower = async () => (await readEventLog(api.db.pool)).followers.find(({ name }) => name === "mqtt");

  it("each event is published once at QoS 1, in the order of the log, also by two relays at once", async () => {
    const relays = [start(), start()];
    await expect.poll(follower).toMatchObject({ behind: 0, failing_since: null });
    const events = await happen(250);
    await expect.poll(() => got.length).toBe(250);
    await expect.poll(follower).toMatchObject({ behind: 0 });
    await Promise.all(relays.map((relay) => relay.close()));
    expect(got.map(({ id }) => id)).toEqual(events);
    expect(got[0]).toMatchObject({
      topic: "waystock/events/order/created",
      qos: 1,
      body: { specversion: "1.0", type: "waystock.order.created.v1", source: "http://waystock.test" },
    });
  });

  it("one connection serves any number of batches: none leaves anything on it", async () => {
    const warnings: string[] = [];
    const onWarning = ({ name }: Error) => void warnings.push(name);
    process.on("warning", onWarning);
    const relay = start();
    await expect.poll(follower).toMatchObject({ behind: 0 });
    for (let batch = 0; batch < 20; batch += 1) {
      const [id] = await happen(1);
      await expect.poll(() => got.at(-1)?.id).toBe(id);
      await expect.poll(follower).toMatchObject({ behind: 0 });
    }
    await relay.close();
    process.off("warning", onWarning);
    expect(warnings).toEqual([]);
  });

  it("while the broker is away events wait, which is shown; then they come, in order, and none is missing", async () => {
    const { url } = server;
    const relay = start(url);
    await server.close();
    const events = await happen(120);
    await expect
      .poll(follower, { timeout: 20_000 })
      .toMatchObject({ behind: 120, failing_since: expect.any(Date), problem: expect.stringMatching(/connect/) });
    expect((await follower())!.lag_seconds).toBeGreaterThan(0);
    server = await startMosquitto(mosquitto!, Number(new URL(url).port));
    await listen();
    await expect.poll(() => new Set(got.map(({ id }) => id)).size, { timeout: 20_000 }).toBe(120);
    // Its position is written after the broker's acknowledgements, and not by a relay that has been closed.
    await expect.poll(follower).toMatchObject({ behind: 0, failing_since: null, problem: null });
    await relay.close();
    // What was on its way at the failure may come twice.
    expect([...new Set(got.map(({ id }) => id))]).toEqual(events);
  });

  it("a connection that breaks again and again leaves no gap and no other order", async () => {
    await listen();
    const { port: to } = new URL(server.url);
    let breaks = 0;
    // Each connection is cut within a batch.
    const proxy = createServer((from) => {
      const onward = connect(Number(to), "127.0.0.1");
      let bytes = 0;
      const cut = () => void (from.destroy(), onward.destroy());
      from.on("error", cut).on("close", cut);
      onward.on("error", cut).on("close", cut);
      from.on("data", (chunk: Buffer) => {
        if (bytes > 30_000) return;
        bytes += chunk.length;
        if (bytes <= 30_000) return void onward.write(chunk);
        breaks += 1;
        onward.write(chunk.subarray(0, 30_000));
        // Some of it is acknowledged by then.
        onward.once("data", (answer) => from.write(answer, cut));
      });
      onward.pipe(from);
    });
    await once(proxy.listen(0, "127.0.0.1"), "listening");
    const relay = start(`mqtt://127.0.0.1:${(proxy.address() as AddressInfo).port}`);
    const events = await happen(200);
    await expect.poll(async () => (await follower())?.behind, { timeout: 40_000 }).toBe(0);
    await relay.close();
    proxy.close();
    await expect.poll(() => got.at(-1)?.id).toBe(events.at(-1));
    expect(breaks).toBeGreaterThan(1);
    expect([...new Set(got.map(({ id }) => id))]).toEqual(events);
  });
});
