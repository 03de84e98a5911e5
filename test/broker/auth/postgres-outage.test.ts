import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openJournalWriter } from "../../../broker/journal/segment-writer.ts";
import { startBroker } from "../../../broker/server.ts";
import { DEFAULT_BROKER_SETTINGS } from "../../../broker/settings.ts";
import { createListener } from "../../../infra/postgres/listener.ts";
import { createPool } from "../../../infra/postgres/pool.ts";
import { addDevice, eventually, log, startPlatform, type TestPlatform } from "../platform.ts";
import { connectRaw, publishPacket } from "../raw-client.ts";
import { createRefusalLimit } from "../../../infra/runtime/refusal-limit.ts";
import { addressBlock } from "../../../infra/runtime/client-address.ts";
import { createAttemptCounter } from "../../../infra/runtime/attempt-counter.ts";
import { maskSecrets } from "../../../infra/runtime/mask-secrets.ts";
import { createTokenBucket } from "../../../infra/runtime/token-bucket.ts";

/** Nothing listens on port 1. */
const NOWHERE = "postgres://nobody@127.0.0.1:1/none";

describe("a broker without Postgres", () => {
  let platform: TestPlatform;
  let folder: string;
  let password: string;
  const SNAPSHOT = "broker-credentials.json";

  beforeAll(async () => {
    platform = await startPlatform();
    folder = await mkdtemp(join(tmpdir(), "waystock-away-"));
    password = await addDevice(platform.pool, "probe-1");
  });
  afterAll(async () => {
    await platform?.close();
    await rm(folder, { recursive: true });
  });

  const answerOf = async (
    dataDir: string,
    who = { clientId: "probe-1", username: "probe-1", password },
  ): Promise<{ returnCode: number; acknowledged: boolean }> => {
    const pool = createPool(NOWHERE, { max: 2, applicationName: "waystock test" });
    const listener = createListener(pool, log);
    const journal = await openJournalWriter({ directory: join(dataDir, "journal"), maxBytes: 1e8, log });
    const settings = { ...DEFAULT_BROKER_SETTINGS, mqtt: { host: "127.0.0.1", port: 0 }, dataDir };
    const broker = await startBroker({
      pool,
      listener,
      createTokenBucket,
      createAttemptCounter,
      createRefusalLimit,
      addressBlock,
      maskSecrets,
      journal,
      log,
      settings,
    });
    try {
      const { client, returnCode } = await connectRaw(broker.port!, who);
      client.send(publishPacket("devices/probe-1/env", "{}", 1, 5));
      const acknowledged = await client.next("puback").then(
        () => true,
        () => false,
      );
      client.destroy();
      return { returnCode, acknowledged };
    } finally {
      await broker.close();
      await listener.close();
      await journal.close();
      await pool.end();
    }
  };

  it("answers server unavailable without a snapshot", async () => {
    expect(await answerOf(folder)).toEqual({ returnCode: 3, acknowledged: false });
  });

  it("authenticates from the last snapshot, which only its user may read and which holds no secret", async () => {
    const snapshot = join(platform.dataDir, SNAPSHOT);
    const text = await eventually(async () => {
      const read = await readFile(snapshot, "utf8").catch(() => "");
      return read.includes("probe-1") && read;
    });
    expect(text).not.toContain(password);
    expect((await stat(snapshot)).mode & 0o777).toBe(0o600);
    await writeFile(join(folder, SNAPSHOT), text);
    expect(await answerOf(folder)).toEqual({ returnCode: 0, acknowledged: true });
  });

  it("answers server unavailable to a device added after the snapshot, not wrong secret", async () => {
    const added = { clientId: "probe-9", username: "probe-9", password: "given a moment ago" };
    expect(await answerOf(folder, added)).toEqual({ returnCode: 3, acknowledged: false });
    const renewed = { clientId: "probe-1", username: "probe-1", password: "given a moment ago" };
    expect(await answerOf(folder, renewed)).toEqual({ returnCode: 3, acknowledged: false });
  });

  it("reports a corrupt snapshot and starts without it", async () => {
    await writeFile(join(folder, SNAPSHOT), '{"devices": [');
    expect(await answerOf(folder)).toEqual({ returnCode: 3, acknowledged: false });
  });

  it("receives notifications again after its connection was lost", async () => {
    await platform.pool.query(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND usename = current_user AND pid <> pg_backend_pid()",
    );
    const late = await eventually(() => addDevice(platform.pool, "probe-2").catch(() => false as const));
    await eventually(async () => {
      const who = { clientId: "probe-2", username: "probe-2", password: late };
      const { client, returnCode } = await connectRaw(platform.port, who);
      client.destroy();
      return returnCode === 0;
    });
  });
});
