import { once } from "node:events";
import { connect } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { findDevice } from "../../../api/resources/devices/queries.ts";
import { openJournalWriter } from "../../../broker/journal/segment-writer.ts";
import { type RunningBroker, startBroker } from "../../../broker/server.ts";
import { DEFAULT_BROKER_SETTINGS } from "../../../broker/settings.ts";
import { addDevice, eventually, log, startPlatform, type TestPlatform } from "../platform.ts";
import { connectPacket, connectRaw } from "../raw-client.ts";
import { createRefusalLimit } from "../../../infra/runtime/refusal-limit.ts";
import { addressBlock } from "../../../infra/runtime/client-address.ts";
import { createAttemptCounter } from "../../../infra/runtime/attempt-counter.ts";
import { maskSecrets } from "../../../infra/runtime/mask-secrets.ts";
import { createTokenBucket } from "../../../infra/runtime/token-bucket.ts";

describe("presence", () => {
  let platform: TestPlatform;
  let password: string;
  beforeAll(async () => {
    platform = await startPlatform({ connectsPerMinute: 1000 });
    password = await addDevice(platform.pool, "gate-1");
  });
  afterAll(() => platform?.close());

  const join = (port = platform.port) =>
    eventually(async () => {
      const { client, returnCode } = await connectRaw(port, { clientId: "gate-1", username: "gate-1", password });
      return returnCode === 0 && client;
    });
  const presence = async () => (await findDevice(platform.pool, "gate-1"))!.presence;
  const becomes = (expected: string) => eventually(async () => (await presence()) === expected);

  it("is unknown before the first connection, then online, then offline", async () => {
    expect(await presence()).toBe("unknown");
    const client = await join();
    await becomes("online");
    client.destroy();
    await becomes("offline");
  });

  it("notifies live views", async () => {
    const listener = await platform.pool.connect();
    const told: string[] = [];
    listener.on("notification", ({ payload }) => told.push(payload ?? ""));
    await listener.query("LISTEN changes");
    const client = await join();
    await eventually(() => told.some((payload) => payload.includes('"gate-1"')));
    client.destroy();
    listener.release(true);
  });

  it("stays online when an older connection ends after a newer one has begun", async () => {
    const older = await join();
    await becomes("online");
    const newer = await join();
    await older.closed();
    await new Promise((resolve) => setTimeout(resolve, 600));
    expect(await presence()).toBe("online");
    newer.destroy();
    await becomes("offline");
  });

  it("stays offline for a connection that ends while it is being authenticated", async () => {
    const hello = connectPacket({ clientId: "gate-1", username: "gate-1", password });
    for (let n = 0; n < 20; n++) {
      const socket = connect({ port: platform.port, host: "127.0.0.1" });
      // The connection ends before CONNACK is sent.
      socket.resume().end(hello);
      await once(socket, "close");
    }
    await eventually(() => platform.broker.connections() === 0, 10_000);
    // Written after everything recorded before it.
    const other = await addDevice(platform.pool, "gate-2");
    const { client } = await connectRaw(platform.port, { clientId: "gate-2", username: "gate-2", password: other });
    await eventually(async () => (await findDevice(platform.pool, "gate-2"))!.presence === "online", 10_000);
    expect(await presence()).toBe("offline");
    client.destroy();
  });

  it("is doubtful when a connected device is silent for more than three of its intervals", async () => {
    const client = await join();
    await becomes("online");
    await platform.pool.query("UPDATE devices SET interval_s = 0.2 WHERE id = 'gate-1'");
    await becomes("unknown");
    await platform.pool.query("UPDATE devices SET interval_s = NULL WHERE id = 'gate-1'");
    client.destroy();
  });

  it("follows the device to another node, also when the older node reports its disconnect later", async () => {
    const directory = `${platform.dataDir}/second/journal`;
    const journal = await openJournalWriter({ directory, maxBytes: 1024 ** 3, log });
    const second: RunningBroker = await startBroker({
      pool: platform.pool,
      listener: platform.listener,
      createTokenBucket,
      createAttemptCounter,
      createRefusalLimit,
      addressBlock,
      maskSecrets,
      journal,
      log,
      settings: {
        ...DEFAULT_BROKER_SETTINGS,
        mqtt: { host: "127.0.0.1", port: 0 },
        dataDir: `${platform.dataDir}/second`,
      },
    });
    const node = async () =>
      (await platform.pool.query<{ node: string }>("SELECT node FROM device_connections WHERE device_id = 'gate-1'"))
        .rows[0]?.node;
    const here = await join();
    await becomes("online");
    const older = await node();
    expect(older).toEqual(expect.any(String));
    const there = await join(second.port);
    await expect.poll(node).not.toBe(older);
    here.destroy();
    await new Promise((resolve) => setTimeout(resolve, 600));
    expect(await presence()).toBe("online");
    await second.close();
    await journal.close();
    await there.closed();
    expect(await presence()).toBe("offline");
    const { rowCount } = await platform.pool.query("SELECT FROM broker_nodes");
    expect(rowCount).toBe(1);
  });

  it("is unknown for devices of a node that died", async () => {
    const client = await join();
    await becomes("online");
    await platform.pool.query("UPDATE broker_nodes SET seen_at = now() - interval '1 minute'");
    expect(await presence()).toBe("unknown");
    client.destroy();
  });
});
