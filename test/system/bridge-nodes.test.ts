import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { connectAsync, type MqttClient } from "mqtt";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { derivedState } from "../support/derived-state.ts";
import { type IngestRig, startIngestRig } from "../support/ingest.ts";
import { Launched } from "../support/launched.ts";
import { type Mosquitto, startMosquitto } from "../support/mosquitto.ts";
import { createDatabase, type TestDatabase } from "../support/postgres.ts";
import { requires } from "../support/requires.ts";
import { type DayMessage, seededRandom, createSampleDay } from "../support/sample-day.ts";
import { worldIn } from "../support/world.ts";

const long = process.env.LONG === "1";
const KILLS = long ? 60 : 4;
const HOURS = long ? 24 : 1;
const START = Date.parse("2026-03-01T06:00:00Z");
/** how many come a second time, as a device sends again what it has no answer for */
const REPEATED = 0.05;

const mosquitto = requires("mosquitto");

/** Two whole nodes, each a broker and an ingest over a journal of its own, behind one external broker and one database. */
describe.skipIf(!mosquitto)("two nodes behind an external broker", () => {
  let server: Mosquitto;
  let publisher: MqttClient;
  let folder: string;
  let shared: TestDatabase;
  let oracle: { db: TestDatabase; rig: IngestRig };
  const running = new Map<string, Launched>();

  beforeAll(async () => {
    server = await startMosquitto(mosquitto!);
    folder = await mkdtemp(join(tmpdir(), "waystock-nodes-"));
    shared = await createDatabase();
    const db = await createDatabase();
    oracle = { db, rig: await startIngestRig(db.pool) };
    publisher = await connectAsync(server.url, { clientId: "plant" });
  }, 60_000);
  afterAll(async () => {
    await publisher?.endAsync(true);
    for (const part of running.values()) {
      if (!part.hasEnded) process.kill(part.pid, "SIGTERM");
      await part.ends();
    }
    await server?.close();
    await oracle?.rig.close();
    await oracle?.db.drop();
    await shared?.drop();
    await rm(folder, { recursive: true, force: true });
  }, 60_000);

  function start(node: string, part: "broker" | "ingest"): Launched {
    const upstream = { UPSTREAM_MQTT_URL: server.url, UPSTREAM_MQTT_TOPIC: "$share/nodes/devices/#" };
    const launched = new Launched(part, {
      DATA_DIR: join(folder, node),
      DATABASE_URL: shared.url,
      MQTT_PORT: "0",
      MQTT_WS_PORT: "",
      ...(part === "broker" ? upstream : {}),
    });
    running.set(`${node} ${part}`, launched);
    return launched;
  }

  async function counts(): Promise<{ received: number; stored: number; duplicate: number; late: number }> {
    const { rows } = await shared.pool.query(
      `SELECT coalesce(sum(received), 0)::int AS received, coalesce(sum(stored), 0)::int AS stored,
              coalesce(sum(duplicate), 0)::int AS duplicate, (SELECT count(*)::int FROM late_windows) AS late
         FROM device_states`,
    );
    return rows[0] as Awaited<ReturnType<typeof counts>>;
  }

  it(
    "any of their processes is killed: nothing is lost, nothing counts twice, and the state is the oracle's",
    async () => {
      const day = { name: 1, seed: 1, start: START, hours: HOURS };
      const { messages } = await createSampleDay(worldIn(oracle.db.pool), day);
      await createSampleDay(worldIn(shared.pool), day);
      const brokers = ["one", "two"].map((node) => start(node, "broker"));
      await Promise.all(brokers.map((broker) => broker.says(/subscribed to the external broker/)));
      for (const node of ["one", "two"]) start(node, "ingest");

      const random = seededRandom(KILLS);
      let ended = false;
      const publishing = publish(messages, random).finally(() => (ended = true));
      const parts = ["one broker", "two ingest", "one ingest", "two broker"];
      for (let kill = 0; kill < KILLS; kill += 1) {
        await sleep(500 + 700 * random());
        const name = parts[kill % parts.length]!;
        const victim = running.get(name)!;
        process.kill(victim.pid, "SIGKILL");
        await victim.ends();
        const [node, part] = name.split(" ") as [string, "broker" | "ingest"];
        start(node, part);
      }
      expect(ended, "the load must last as long as the kills").toBe(false);
      const published = await publishing;

      const deadline = performance.now() + 60_000;
      for (let now = await counts(); now.stored !== messages.length || now.late > 0; now = await counts()) {
        expect(now.stored, "stored once").toBeLessThanOrEqual(messages.length);
        if (performance.now() > deadline) throw new Error(`of ${messages.length}: ${JSON.stringify(now)}`);
        await sleep(100);
      }
      for (const { topic, reading } of messages) await oracle.rig.publish(topic, reading, reading.ts + 1000);
      await oracle.rig.settled();
      const compared = { withReceipt: false, withTimers: false };
      expect(await derivedState(shared.pool, compared)).toEqual(await derivedState(oracle.db.pool, compared));

      await expect.poll(async () => (await counts()).received).toBeGreaterThanOrEqual(published);
      const total = await counts();
      console.log(`${published} published, ${messages.length} distinct: ${JSON.stringify(total)}`);
      expect(total.received).toBe(total.stored + total.duplicate);
    },
    long ? 1_200_000 : 120_000,
  );

  /** @returns how many were published, repetitions included */
  async function publish(messages: readonly DayMessage[], random: () => number): Promise<number> {
    const perSecond = messages.length / (KILLS * 2.2);
    const began = performance.now();
    let published = 0;
    for (const [index, { topic, reading }] of messages.entries()) {
      const times = random() < REPEATED ? 2 : 1;
      for (let time = 0; time < times; time += 1) {
        await publisher.publishAsync(topic, JSON.stringify(reading), { qos: 1 });
        published += 1;
      }
      const aheadMs = (index / perSecond) * 1000 - (performance.now() - began);
      if (aheadMs > 5) await sleep(aheadMs);
    }
    return published;
  }
});
