import { readFile } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import mqtt, { type MqttClient } from "mqtt";
import { processesWith } from "../support/launched.ts";
import { startPlatform, type TestPlatform } from "../support/platform.ts";

interface Readiness {
  ready: boolean;
  parts: Record<string, { ok: boolean; detail?: string | number }>;
}

const linux = process.platform === "linux";
if (!linux) console.warn("skipped: the processes of a platform are looked up in /proc, which is Linux's");

describe.skipIf(!linux)("a frozen process", () => {
  let platform: TestPlatform;
  let device: MqttClient;
  beforeAll(async () => {
    platform = await startPlatform();
    const { secret } = await platform.call<{ secret: string }>("POST", "/devices", { id: "frozen-1", kind: "env" });
    device = await mqtt.connectAsync(platform.mqtt, { clientId: "frozen-1", username: "frozen-1", password: secret });
  }, 60_000);
  afterAll(async () => {
    // A frozen process that a failed test has left could not stop.
    for (const pid of (await processesWith(platform.dataDirectory)).keys()) process.kill(pid, "SIGCONT");
    await device.endAsync(true);
    await platform.close();
  }, 30_000);

  async function pidsOf(mark: string): Promise<number[]> {
    const found = await processesWith(platform.dataDirectory);
    return [...found].flatMap(([pid, command]) => (command.includes(mark) ? [pid] : []));
  }
  const signal = (pids: readonly number[], name: NodeJS.Signals) => {
    for (const pid of pids) process.kill(pid, name);
  };
  async function readiness(): Promise<{ status: number } & Readiness> {
    const response = await fetch(`${platform.api}/readyz`, { signal: AbortSignal.timeout(4_000) });
    return { status: response.status, ...((await response.json()) as Readiness) };
  }
  const isReady = async () => (await readiness()).status === 200;
  const publish = () =>
    device.publishAsync("devices/frozen-1/env", JSON.stringify({ ts: Date.now(), celsius: 4 }), { qos: 1 });

  test.each([
    ["broker", "processes/broker", ["broker", "journal"]],
    ["ingest", "processes/ingest", ["ingest"]],
    ["supervisor", "launch.mjs all", ["broker", "ingest"]],
    ["embedded Postgres", "/bin/postgres", ["postgres"]],
  ])("%s: not ready within 5 s, and ready again once it runs", { timeout: 40_000 }, async (_, mark, parts) => {
    await expect.poll(isReady, { timeout: 10_000 }).toBe(true);
    const all = await processesWith(platform.dataDirectory);
    // The server's processes carry the mark of the folder in their command line only if they are its postmaster.
    const pids = mark === "/bin/postgres" ? await postgresPids(all) : await pidsOf(mark);
    expect(pids.length).toBeGreaterThan(0);
    signal(pids, "SIGSTOP");
    try {
      await expect.poll(isReady, { timeout: 5_000, interval: 100 }).toBe(false);
      for (const part of parts) {
        await expect.poll(async () => (await readiness()).parts[part]?.ok, { timeout: 2_000 }).toBe(false);
      }
    } finally {
      signal(pids, "SIGCONT");
    }
    await expect.poll(isReady, { timeout: 10_000 }).toBe(true);
    // Nobody was taken for dead by one that was frozen itself.
    expect(new Set((await processesWith(platform.dataDirectory)).keys())).toEqual(new Set(all.keys()));
  });

  test("ingest: what is acknowledged meanwhile counts as lag", { timeout: 20_000 }, async () => {
    await expect.poll(isReady, { timeout: 10_000 }).toBe(true);
    const pids = await pidsOf("processes/ingest");
    signal(pids, "SIGSTOP");
    try {
      for (let reading = 0; reading < 50; reading += 1) await publish();
      await expect
        .poll(async () => (await readiness()).parts["lag"], { timeout: 5_000 })
        .toMatchObject({ ok: true, detail: expect.toSatisfy((bytes: number) => bytes > 50 * 30) as unknown });
    } finally {
      signal(pids, "SIGCONT");
    }
    await expect.poll(async () => (await readiness()).parts["lag"]?.detail, { timeout: 10_000 }).toBe(0);
  });

  test("is replaced after a minute, each of the three", { timeout: 150_000 }, async () => {
    const names = ["broker", "ingest", "api"];
    const before = (await Promise.all(names.map((name) => pidsOf(`processes/${name}`)))).flat();
    expect(before).toHaveLength(3);
    const began = performance.now();
    signal(before, "SIGSTOP");
    await expect.poll(() => isReady().catch(() => false), { timeout: 120_000, interval: 1_000 }).toBe(true);
    expect(performance.now() - began).toBeGreaterThan(55_000);
    const after = (await Promise.all(names.map((name) => pidsOf(`processes/${name}`)))).flat();
    expect(after).toHaveLength(3);
    for (const pid of before) expect(after).not.toContain(pid);
    expect(platform.log.filter((line) => line.includes("frozen: it has sent nothing"))).toHaveLength(3);
    await publish();
  });
});

/** The postmaster that has one of these processes' folders, and its children. */
async function postgresPids(all: ReadonlyMap<number, string>): Promise<number[]> {
  const postmaster = [...all].find(([, command]) => command.includes("/bin/postgres -D"))?.[0];
  if (postmaster === undefined) throw new Error("there is no postmaster");
  const children = await readFile(`/proc/${postmaster}/task/${postmaster}/children`, "utf8");
  return [postmaster, ...children.trim().split(" ").filter(Boolean).map(Number)];
}
