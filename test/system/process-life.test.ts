import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { freePort, waitForFreePorts } from "../../infra/runtime/free-port.ts";
import { Launched, processesWith, untilNoneLeft } from "../support/launched.ts";

const linux = process.platform === "linux";
if (!linux) console.warn("skipped: the life of processes is looked up in /proc, which is Linux's");

describe.skipIf(!linux)("npm start", () => {
  let folder: string;
  let environment: Record<string, string>;
  const launched: Launched[] = [];

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "waystock-life-"));
    environment = {
      DATA_DIR: folder,
      MQTT_PORT: String(await freePort("127.0.0.1")),
      HTTP_PORT: String(await freePort("127.0.0.1")),
      MQTT_WS_PORT: "",
    };
  });
  afterEach(async () => {
    for (const each of launched) if (!each.hasEnded) each.child.kill("SIGKILL");
    await untilNoneLeft(folder, 15_000);
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  function start(name: string, changes: Record<string, string> = {}): Launched {
    const each = new Launched(name, { ...environment, ...changes });
    launched.push(each);
    return each;
  }

  test("ends everything in order on Ctrl-C, which reaches every process at once", async () => {
    const platform = start("all");
    await platform.says(/"part":"supervisor".*"msg":"ready"/);
    expect((await processesWith(folder)).size).toBeGreaterThan(4);

    platform.interruptGroup();
    const { code, tookMs } = await platform.ends();
    expect(code).toBe(0);
    expect(tookMs).toBeLessThan(10_000);
    await untilNoneLeft(folder, 5_000);
    const stops = platform.lines.flatMap((line) => /"part":"(\w+)".*"msg":"stopping"/.exec(line)?.[1] ?? []);
    expect(stops).toEqual(["supervisor", "api", "broker", "ingest"]);
    expect(platform.output).not.toMatch(/"level":[56]0/);
  });

  test("starts a process again that dies, where it was", async () => {
    const platform = start("all", { MQTT_PORT: "0" });
    const [, port] = await platform.says(/"mqtt":"mqtt:\/\/127\.0\.0\.1:(\d+)".*"msg":"ready"/);
    const brokers = [...(await processesWith(folder))].filter(([, command]) => command.includes("processes/broker"));
    expect(brokers).toHaveLength(1);
    process.kill(brokers[0]?.[0] ?? 0, "SIGKILL");
    await platform.says(/"child":"broker".*"signal":"SIGKILL".*"msg":"exited unexpectedly; restarting"/);
    await platform.says(/"child":"broker".*"msg":"restarted"/);
    await expect(waitForFreePorts({ MQTT_PORT: { host: "127.0.0.1", port: Number(port) } }, 0)).rejects.toThrow(
      "is taken",
    );
    platform.child.kill("SIGTERM");
    expect((await platform.ends()).code).toBe(0);
  });

  test("whose supervisor is killed leaves nothing, and starts again at once on the same ports and data", async () => {
    const first = start("all");
    await first.says(/"part":"supervisor".*"msg":"ready"/);
    first.child.kill("SIGKILL");
    await first.ends();

    const second = start("all");
    await second.says(/"part":"supervisor".*"msg":"ready"/);
    second.child.kill("SIGKILL");
    await second.ends();
    expect(await untilNoneLeft(folder, 6_000)).toBeLessThan(5_000);
  });

  test.each(["SIGTERM", "SIGKILL"] as const)("leaves nothing when npm, which runs it, gets a %s", async (signal) => {
    const npm = spawn("npm", ["start"], {
      env: { ...process.env, ...environment, LOG_PRETTY: "false" },
      detached: true,
    });
    const ready = new Promise<void>((resolve) => {
      npm.stdout.setEncoding("utf8").on("data", (text: string) => text.includes('"msg":"ready"') && resolve());
    });
    await ready;
    expect((await processesWith(folder)).size).toBeGreaterThan(4);
    npm.kill(signal);
    expect(await untilNoneLeft(folder, 10_000)).toBeLessThan(10_000);
  });

  test("says everything that is wrong with its environment, and starts nothing", async () => {
    const wrong = start("all", { MQTT_PORT: "many", HTTP_HOST: "0.0.0.0" });
    expect((await wrong.ends()).code).toBe(1);
    expect(wrong.output).toMatch(/MQTT_PORT: "many" is not usable/);
    expect(wrong.output).toMatch(/HTTP_HOST: .*ALLOW_PLAINTEXT=true/);
  });

  test("one process alone asks for a database", async () => {
    const alone = start("broker");
    expect((await alone.ends()).code).toBe(1);
    expect(alone.output).toContain("set DATABASE_URL");
  });
});

test("a start waits for its ports, and names the one that stays taken", async () => {
  const other = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => other.once("listening", resolve));
  const port = (other.address() as { port: number }).port;
  const address = { MQTT_PORT: { host: "127.0.0.1", port } };
  await expect(waitForFreePorts(address, 300)).rejects.toThrow(`127.0.0.1:${port} is taken`);
  const waiting = waitForFreePorts(address, 5_000);
  setTimeout(() => other.close(), 200);
  await waiting;
});
