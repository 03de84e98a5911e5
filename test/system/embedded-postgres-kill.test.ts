import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import {
  ask,
  isRunning,
  postmasterPid,
  startEmbedded,
  startSupervisor,
  temporaryFolder,
  untilEnded,
  type Supervisor,
} from "../support/embedded.ts";

const CREATE = "CREATE TABLE kept AS SELECT 7 AS value";
const KEPT = [{ value: 7 }];

/** The pid of the watchdog, a child of the supervisor (proc(5): /proc/pid/task/tid/children). */
async function watchdogOf({ process: { pid } }: Supervisor): Promise<number> {
  const children = (await readFile(`/proc/${pid}/task/${pid}/children`, "utf8")).trim().split(" ");
  for (const child of children) {
    if ((await readFile(`/proc/${child}/cmdline`, "utf8")).includes("watchdog.mjs")) return Number(child);
  }
  throw new Error(`no watchdog among ${children.join()}`);
}

// Where a time is measured, no other server is made beside it.
describe("embedded Postgres, somebody being killed", () => {
  it.concurrent("is started again on the same port when the server is killed", async (test) => {
    const dataDir = await temporaryFolder(test);
    const server = await startEmbedded(test, { dataDir });
    await ask(server.url, CREATE);
    const pid = await postmasterPid(join(dataDir, "postgres"));
    process.kill(pid, "SIGKILL");
    await test.expect
      .poll(() => ask(server.url, "SELECT value FROM kept").catch(() => undefined), { timeout: 12_000, interval: 200 })
      .toEqual(KEPT);
    expect(await postmasterPid(join(dataDir, "postgres"))).not.toBe(pid);
  });

  it("is adopted after its supervisor was killed", async (test) => {
    const dataDir = await temporaryFolder(test);
    const killed = await startSupervisor(test, dataDir);
    const pid = await postmasterPid(join(dataDir, "postgres"));
    killed.process.kill("SIGKILL");
    await killed.ended;
    const successor = await startEmbedded(test, { dataDir });
    expect(successor).toMatchObject({ adopted: true, url: killed.url });
    await sleep(4000); // the watchdog of the killed one has made up its mind by now
    expect(await postmasterPid(join(dataDir, "postgres"))).toBe(pid);
    expect(await ask(successor.url, "SELECT 1 AS one")).toEqual([{ one: 1 }]);
  });

  it("ends within 5 s when its supervisor was killed and nobody adopts it", async (test) => {
    const dataDir = await temporaryFolder(test);
    const killed = await startSupervisor(test, dataDir);
    const pid = await postmasterPid(join(dataDir, "postgres"));
    killed.process.kill("SIGKILL");
    expect(await untilEnded(pid, 5000)).toBeGreaterThan(1000);
    // A clean end: the server removed its pid file itself.
    await expect(readFile(join(dataDir, "postgres", "cluster", "postmaster.pid"))).rejects.toThrow(/ENOENT/);
  });

  it.concurrent("keeps what it acknowledged when supervisor and server are killed, and starts again", async (test) => {
    const dataDir = await temporaryFolder(test);
    const killed = await startSupervisor(test, dataDir);
    await ask(killed.url, CREATE);
    const pid = await postmasterPid(join(dataDir, "postgres"));
    process.kill(pid, "SIGKILL");
    killed.process.kill("SIGKILL");
    const successor = await startEmbedded(test, { dataDir });
    expect(await ask(successor.url, "SELECT value FROM kept")).toEqual(KEPT);
  });

  it.concurrent("does not hear the terminal's Ctrl-C", async (test) => {
    const dataDir = await temporaryFolder(test);
    const supervisor = await startSupervisor(test, dataDir);
    const pid = await postmasterPid(join(dataDir, "postgres"));
    process.kill(-(supervisor.process.pid ?? Number.NaN), "SIGINT");
    expect(await supervisor.next()).toEqual({ answer: 42 });
    expect(await supervisor.ended).toEqual([0, null]);
    expect(await isRunning(pid)).toBe(false);
  });

  it.concurrent("loses its watchdog and gets another", async (test) => {
    const dataDir = await temporaryFolder(test);
    const supervisor = await startSupervisor(test, dataDir);
    const pid = await postmasterPid(join(dataDir, "postgres"));
    const first = await watchdogOf(supervisor);
    process.kill(first, "SIGKILL");
    // Of the test: tests that run at the same time have no `expect` in common that polls.
    await test.expect.poll(() => watchdogOf(supervisor).catch(() => first)).not.toBe(first);
    supervisor.process.kill("SIGKILL");
    await untilEnded(pid, 7_000);
  });
});
