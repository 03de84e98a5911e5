import { readFile } from "node:fs/promises";
import { expect } from "vitest";
import type { TestPlatform } from "./platform.ts";

const WAIT = { timeout: 60_000, interval: 100 };

/** Process id of a part of the platform, a child of its supervisor (proc(5): /proc/pid/task/tid/children). @throws when it does not run now */
export async function pidOf(platform: TestPlatform, name: "api" | "ingest"): Promise<number> {
  const { pid: supervisor } = platform.process;
  const children = await readFile(`/proc/${supervisor}/task/${supervisor}/children`, "utf8");
  for (const pid of children.trim().split(" ")) {
    const command = await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "");
    if (new RegExp(`processes.${name}\\.[jt]s`).test(command)) return Number(pid);
  }
  throw new Error(`${name} does not run`);
}

/** Waits until the supervisor has put another process in the place of `before`, and the API answers. */
export async function restarted(platform: TestPlatform, name: "api" | "ingest", before: number): Promise<void> {
  await expect.poll(() => pidOf(platform, name).catch(() => before), WAIT).not.toBe(before);
  const isUp = () =>
    fetch(`${platform.api}/livez`).then(
      ({ ok }) => ok,
      () => false,
    );
  await expect.poll(isUp, WAIT).toBe(true);
}

/** Memory of a process, bytes: now (`VmRSS`), or the most that it has had (`VmHWM`). */
export async function memoryOf(pid: number, field: "VmRSS" | "VmHWM" = "VmRSS"): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, "utf8");
  return Number(new RegExp(`${field}:\\s+(\\d+)`).exec(status)![1]) * 1024;
}
