import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { requires } from "../support/requires.ts";

const script = join(import.meta.dirname, "..", "support", "influxd-owner.ts");

describe.skipIf(requires("influxd") === undefined)("an influxd started by a process", () => {
  let folder: string;
  const owners: ChildProcess[] = [];
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "waystock-influxd-"));
  });
  afterAll(async () => {
    for (const owner of owners) owner.kill("SIGKILL");
    await untilStopped();
    await rm(folder, { recursive: true, force: true });
  });

  /** Starts an owner; resolves when its influxd is ready. */
  async function own() {
    const owner = spawn(process.execPath, ["--import", "tsx", script, folder], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    owners.push(owner);
    const [line] = (await once(createInterface({ input: owner.stdout }), "line")) as [string];
    return { owner, ...(JSON.parse(line) as { url: string; version: string }) };
  }

  const answers = (url: string) =>
    fetch(`${url}/ping`)
      .then(({ status }) => status === 204)
      .catch(() => false);

  async function untilStopped(): Promise<number> {
    const began = performance.now();
    while ((await readFile(join(folder, "influxd.pid"), "utf8").catch(() => "")) !== "") await sleep(50);
    return performance.now() - began;
  }

  test("listens on loopback, keeps its data and stops with its owner", async () => {
    const { owner, url, version } = await own();
    expect(version).toMatch(/^1\./);
    const write = await fetch(`${url}/query`, {
      method: "POST",
      body: new URLSearchParams({ q: "CREATE DATABASE kept" }),
    });
    expect(write.status).toBe(200);
    owner.kill("SIGTERM");
    await once(owner, "exit");
    expect(await answers(url)).toBe(false);
    expect(await untilStopped()).toBeLessThan(100);
  });

  test("stops within 5 s when its owner is killed, and the next start waits for that", async () => {
    const first = await own();
    first.owner.kill("SIGKILL");
    const second = await own();
    expect(await answers(first.url)).toBe(false);
    const databases = await fetch(`${second.url}/query?q=SHOW+DATABASES`).then((response) => response.text());
    expect(databases).toContain("kept");
    second.owner.kill("SIGKILL");
    expect(await untilStopped()).toBeLessThan(5_000);
    expect(await answers(second.url)).toBe(false);
  });
});
