import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connectAsync, type MqttClient } from "mqtt";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openJournalReader } from "../../../broker/journal/segment-reader.ts";
import type { JournalMessage, JournalWriter } from "../../../broker/journal/journal.ts";
import { Launched } from "../../support/launched.ts";
import { type Mosquitto, startMosquitto } from "../../support/mosquitto.ts";
import { createDatabase } from "../../support/postgres.ts";
import { requires } from "../../support/requires.ts";
import { eventually, log, startPlatform, type TestPlatform } from "../platform.ts";

const mosquitto = requires("mosquitto");
describe.skipIf(!mosquitto)("an external broker", () => {
  let folder: string;
  let server: Mosquitto;
  let publisher: MqttClient;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "waystock-upstream-"));
    server = await startMosquitto(mosquitto!);
    publisher = await connectAsync(server.url, { clientId: "plant" });
  });
  afterAll(async () => {
    await publisher?.endAsync(true);
    await server?.close();
    await rm(folder, { recursive: true, force: true });
  });

  /** Each test has its own group, so that it does not receive messages queued for the test before. */
  const upstream = (group: string) => ({
    url: server.url,
    topics: [`$share/${group}/devices/#`, `$share/${group}/application/#`, `$share/${group}/traccar/#`],
  });
  const publish = (from: number, to: number): Promise<unknown> =>
    Promise.all(
      Array.from({ length: to - from }, (_, n) =>
        publisher.publishAsync(`devices/truck-${n % 5}/gps`, `{"n":${from + n}}`, { qos: 1 }),
      ),
    );
  const numbers = (messages: readonly JournalMessage[]): number[] =>
    messages.map(({ payload }) => (JSON.parse(payload.toString()) as { n: number }).n);
  /** Mosquitto drops messages that are published before the first subscription. */
  const untilHeard = (platform: TestPlatform): Promise<unknown> =>
    eventually(async () => {
      await publisher.publishAsync("devices/probe/status", '{"n":-1}', { qos: 1 });
      return (await platform.journalled()).length > 0;
    });

  it("what servers forward is read from their own topics, by the filters that are named", async () => {
    const platform = await startPlatform({ bridge: upstream("servers") });
    try {
      await untilHeard(platform);
      await publisher.publishAsync("application/1/device/0101010101010101/event/up", "{}", { qos: 1 });
      await publisher.publishAsync("traccar/positions", "{}", { qos: 1 });
      await publisher.publishAsync("application/1/device/0101010101010101/command/down", "{}", { qos: 1 });
      await publisher.publishAsync("devices/truck-1/status", "{}", { qos: 1 });
      const stored = await eventually(async () => {
        const found = await platform.journalled();
        return found.some(({ topic }) => topic === "devices/truck-1/status") && found;
      });
      const heard = stored.filter(({ topic }) => !topic.startsWith("devices/"));
      expect(heard.map(({ clientId, topic }) => [clientId, topic])).toEqual([
        ["0101010101010101", "application/1/device/0101010101010101/event/up"],
        ["traccar", "traccar/positions"],
      ]);
    } finally {
      await platform.close();
    }
  });

  it("is read into the journal, each message under its device, without downlink messages", async () => {
    const platform = await startPlatform({ bridge: upstream("first") });
    try {
      await untilHeard(platform);
      await publisher.publishAsync("devices/truck-1/cmd", '{"n":-2}', { qos: 1 });
      await publisher.publishAsync("devices/truck-1/gps", "x".repeat(200_000), { qos: 1 });
      await publish(0, 500);
      const stored = await eventually(async () => {
        const found = (await platform.journalled()).filter(({ topic }) => topic.endsWith("/gps"));
        return found.length >= 500 && found;
      });
      expect(new Set(numbers(stored)).size).toBe(500);
      expect(stored[0]).toMatchObject({ clientId: "truck-0", topic: "devices/truck-0/gps" });
      expect((await platform.journalled()).some(({ topic }) => topic.endsWith("/cmd"))).toBe(false);
    } finally {
      await platform.close();
    }
  });

  it("many messages wait for the disk at once, none is acknowledged before, and refused ones are delivered again", async () => {
    let state: "good" | "holding" | "refusing" = "good";
    const held: Array<() => void> = [];
    const wrap = (inner: JournalWriter): JournalWriter => ({
      id: inner.id,
      state: "ready",
      failureReason: undefined,
      ackThrottle: { delayMs: 0 },
      append(message, done) {
        if (state === "refusing") queueMicrotask(() => done(new Error("full")));
        else if (state === "holding") held.push(() => done(new Error("lost before the flush")));
        else inner.append(message, done);
      },
      pending: () => inner.pending(),
      size: () => inner.size(),
      close: () => inner.close(),
    });
    const platform = await startPlatform({ bridge: upstream("second") }, wrap);
    try {
      await untilHeard(platform);
      state = "holding";
      await publish(1000, 1500);
      // They are not handled one by one: all have arrived, and none is acknowledged.
      await eventually(() => held.length === 500);
      state = "refusing";
      for (const lose of held) lose();
      await new Promise((resolve) => setTimeout(resolve, 300));
      state = "good";
      await eventually(async () => {
        const stored = numbers(await platform.journalled());
        return new Set(stored.filter((n) => n >= 1000 && n < 1500)).size === 500;
      }, 20_000);
    } finally {
      await platform.close();
    }
  }, 60_000);

  it("two nodes share it, one is killed and restarted: no message is lost", async () => {
    const database = await createDatabase();
    const folders = ["one", "two"].map((name) => join(folder, name));
    const start = (dataDir: string): Launched =>
      new Launched("broker", {
        DATA_DIR: dataDir,
        DATABASE_URL: database.url,
        MQTT_PORT: "0",
        MQTT_WS_PORT: "",
        UPSTREAM_MQTT_URL: upstream("third").url,
        UPSTREAM_MQTT_TOPIC: upstream("third").topics.join(","),
      });
    const nodes = folders.map(start);
    const journalled = async (): Promise<number[]> => {
      const found: number[] = [];
      for (const dataDir of folders) {
        const reader = await openJournalReader({ directory: join(dataDir, "journal"), log });
        let at = await reader.oldest();
        for (;;) {
          const frames = await reader.read(at, 2 ** 26);
          if (frames.length === 0) break;
          for (const { messages } of frames) found.push(...numbers(messages));
          at = frames.at(-1)!.next;
        }
        await reader.close();
      }
      return found;
    };
    try {
      await Promise.all(nodes.map((node) => node.says(/subscribed to the external broker/)));
      for (let from = 10_000; from < 14_000; from += 500) {
        await publish(from, from + 500);
        if (from !== 11_000) continue;
        process.kill(nodes[0]!.pid, "SIGKILL");
        await nodes[0]!.ends();
        nodes[0] = start(folders[0]!);
      }
      await nodes[0]!.says(/subscribed to the external broker/);
      await eventually(async () => new Set((await journalled()).filter((n) => n >= 10_000)).size === 4000, 30_000);
    } finally {
      for (const node of nodes) {
        process.kill(node.pid, "SIGTERM");
        await node.ends();
      }
      await database.drop();
    }
  }, 120_000);
});
