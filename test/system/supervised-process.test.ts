import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { pino } from "pino";
import { afterAll, beforeAll, expect, test } from "vitest";
import { environmentWith } from "../../infra/config/config.ts";
import type { ProcessOptions } from "../../infra/supervisor/process-options.ts";
import { SupervisedProcess } from "../../infra/supervisor/supervised-process.ts";
import type { Health } from "../../infra/supervisor/health.ts";

let folder: string;
const log = pino({ level: "silent" });

/** Small programs that use the messages of our processes. */
const programs = {
  good: `
    process.on("SIGINT", () => {});
    process.on("message", (notice) => { if (notice.stop) process.exit(0); process.send({ health: { heard: { ok: true, detail: JSON.stringify(notice) } } }); });
    process.send({ ready: { urls: { at: String(process.pid) }, ports: { CHOSEN_PORT: process.env.CHOSEN_PORT ?? "4711" } } });
    process.send({ health: { port: { ok: true, detail: process.env.CHOSEN_PORT ?? "none" } } });`,
  stubborn: `
    process.on("message", () => {});
    process.send({ ready: {} });
    setInterval(() => {}, 1000);`,
  broken: `process.exit(3);`,
};

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "waystock-supervised-"));
  for (const [name, text] of Object.entries(programs)) await writeFile(join(folder, `${name}.mjs`), text);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

function supervise(program: keyof typeof programs, more: Partial<ProcessOptions> = {}) {
  const seen: Health[] = [];
  const description = { name: program, file: join(folder, `${program}.mjs`), environment: environmentWith({}) };
  const onHealth = (health: Health) => void seen.push(health);
  const options = Object.defineProperties(
    { stopWithinMs: 300, onHealth, ...description },
    Object.getOwnPropertyDescriptors(more),
  ) as ProcessOptions;
  return { child: new SupervisedProcess(options, log), seen };
}

async function until(condition: () => boolean, withinMs = 15_000): Promise<void> {
  const deadline = performance.now() + withinMs;
  while (!condition()) {
    if (performance.now() > deadline) throw new Error("the condition did not become true in time");
    await sleep(20);
  }
}

const isAlive = (pid: number) => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

test("restarts a process that dies on the same port, and sends it messages", async () => {
  const { child, seen } = supervise("good");
  const { urls } = await child.start();
  const first = child.pid ?? 0;
  expect(urls).toEqual({ at: String(first) });
  child.send({ health: {}, figures: {} });
  await until(() => seen.at(-1)?.["heard"]?.detail === '{"health":{},"figures":{}}');

  process.kill(first, "SIGKILL");
  await until(() => seen.at(-1)?.["good"]?.ok === false);
  await until(() => seen.at(-1)?.["port"]?.detail === "4711");
  expect(child.pid).not.toBe(first);
  await child.close();
  expect(isAlive(child.pid ?? 0)).toBe(false);
});

test("a failed start rejects and is not retried", async () => {
  const { child } = supervise("broken");
  await expect(child.start()).rejects.toThrow("broken exited (exit code 3) before it was ready");
  const pid = child.pid;
  await sleep(500);
  expect(child.pid).toBe(pid);
  await child.close();
});

test("kills a process that does not stop in time", async () => {
  const { child } = supervise("stubborn");
  await child.start();
  const began = performance.now();
  await child.close();
  expect(performance.now() - began).toBeGreaterThan(250);
  expect(isAlive(child.pid ?? 0)).toBe(false);
});

test("close during the backoff leaves no process behind", async () => {
  const { child } = supervise("good");
  await child.start();
  const first = child.pid ?? 0;
  process.kill(first, "SIGKILL");
  await until(() => !isAlive(first));
  await child.close();
  await sleep(500);
  expect(child.pid).toBe(first);
});

test("replaces a process that has sent nothing for too long", async () => {
  const { child, seen } = supervise("good", { silentForMs: 4_000 });
  await child.start();
  const first = child.pid ?? 0;
  process.kill(first, "SIGSTOP");
  await until(() => seen.at(-1)?.["good"]?.ok === false, 10_000);
  await until(() => seen.at(-1)?.["port"]?.detail === "4711");
  expect(isAlive(first)).toBe(false);
  await child.close();
});

test.each([
  ["is reported later", (environment: ProcessOptions["environment"]) => environment, "/nonexistent/node"],
  // Longer than the system takes: spawning throws.
  [
    "throws",
    (environment: ProcessOptions["environment"]) => ({ ...environment, LONG: "x".repeat(8_000_000) }),
    process.execPath,
  ],
])("a restart whose spawn fails is tried again: the error %s", async (_, brokenBy, program) => {
  const environment = environmentWith({});
  let isBroken = false;
  const { child, seen } = supervise("good", {
    get environment() {
      return isBroken ? brokenBy(environment) : environment;
    },
  });
  await child.start();
  const { execPath } = process;
  try {
    isBroken = true;
    process.execPath = program;
    process.kill(child.pid ?? 0, "SIGKILL");
    await until(() => seen.at(-1)?.["good"]?.ok === false);
    await sleep(700);
    expect(seen.at(-1)?.["good"]?.ok).toBe(false);
  } finally {
    isBroken = false;
    process.execPath = execPath;
  }
  await until(() => seen.at(-1)?.["port"]?.detail === "4711");
  await child.close();
});
