import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { freePort } from "../../infra/runtime/free-port.ts";
import { processesWith, untilNoneLeft } from "../support/launched.ts";
import { smallDiskTest } from "../support/small-disk.ts";

const linux = process.platform === "linux";
if (!linux) console.warn("skipped: /dev/full and the processes left behind are Linux's");

describe.skipIf(!linux)("npm start, whose log cannot be written,", () => {
  let folder: string;
  const opened: number[] = [];
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "waystock-lost-log-"));
  });
  afterAll(async () => {
    await untilNoneLeft(folder, 15_000);
    for (const descriptor of opened) closeSync(descriptor);
    await rm(folder, { recursive: true, force: true });
  }, 30_000);

  async function start(output: number | "pipe"): Promise<{ child: ChildProcess; api: string }> {
    const port = await freePort("127.0.0.1");
    const child = spawn(process.execPath, ["infra/launch.mjs", "all"], {
      stdio: ["ignore", output, output],
      detached: true,
      env: {
        PATH: process.env.PATH,
        DATA_DIR: join(folder, String(port)),
        MQTT_PORT: "0",
        MQTT_WS_PORT: "",
        HTTP_PORT: String(port),
        LOG_LEVEL: "debug",
      },
    });
    return { child, api: `http://127.0.0.1:${port}` };
  }

  const statusOf = (url: string) =>
    fetch(url).then(
      ({ status }) => status,
      () => 0,
    );

  /** Starts with this output, lets a broker die and come back, stops, and sees that nothing is left. */
  async function survives(output: number | "pipe", onStarted?: (child: ChildProcess) => void): Promise<void> {
    const { child, api } = await start(output);
    onStarted?.(child);
    try {
      await expect.poll(() => statusOf(`${api}/readyz`)).toBe(200);
      const broker = [...(await processesWith(folder))].find(([, command]) => command.includes("processes/broker"));
      process.kill(broker?.[0] ?? 0, "SIGKILL");
      await expect.poll(() => statusOf(`${api}/readyz`)).toBe(503);
      await expect.poll(() => statusOf(`${api}/readyz`), { timeout: 15_000 }).toBe(200);
      expect(child.exitCode).toBeNull();
    } finally {
      const ended = once(child, "exit");
      child.kill("SIGTERM");
      const [code] = (await ended) as [number | null];
      expect(code).toBe(0);
    }
    await untilNoneLeft(folder, 5_000);
  }

  test("on a full device, goes on, restarts what dies, and stops in order", { timeout: 180_000 }, async () => {
    const full = openSync("/dev/full", "w");
    opened.push(full);
    await survives(full);
  });

  smallDiskTest()("on a full disk, goes on the same", { timeout: 180_000 }, async ({ disk }) => {
    await writeFile(join(disk.folder, "filler"), Buffer.alloc(64 * 1024 * 1024)).catch(() => undefined);
    const file = openSync(join(disk.folder, "log"), "a");
    try {
      await survives(file);
    } finally {
      closeSync(file);
    }
  });

  test("into a pipe that is closed after the first lines, goes on the same", { timeout: 180_000 }, async () => {
    await survives("pipe", (child) => {
      for (const stream of [child.stdout, child.stderr]) stream?.once("data", () => stream.destroy());
    });
  });
});
