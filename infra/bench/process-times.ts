import { readdir, readFile } from "node:fs/promises";

/** Clock ticks per second of /proc/PID/stat (Linux: USER_HZ is 100 everywhere). */
const TICKS_PER_SECOND = 100;

interface Stat {
  parent: number;
  /** CPU seconds of the process and its exited children */
  cpuSeconds: number;
  /** resident memory, bytes */
  residentBytes: number;
}

/** The kernel's figures of a process; undefined when it has exited or there is no /proc. */
export async function statOf(pid: number): Promise<Stat | undefined> {
  const text = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => undefined);
  if (text === undefined) return undefined;
  // The name in parentheses may contain spaces; count the fields after it (proc(5): state is field 3).
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  const field = (number: number) => Number(fields[number - 3]);
  return {
    parent: field(4),
    cpuSeconds: (field(14) + field(15) + field(16) + field(17)) / TICKS_PER_SECOND,
    residentBytes: field(24) * 4096,
  };
}

/** CPU seconds of a process and its running children; 0 without /proc. */
export async function cpuSecondsOf(pid: number): Promise<number> {
  let total = (await statOf(pid))?.cpuSeconds ?? 0;
  for (const child of await childrenOf(pid)) total += (await statOf(child))?.cpuSeconds ?? 0;
  return total;
}

async function childrenOf(pid: number): Promise<number[]> {
  const names = await readdir("/proc").catch(() => []);
  const pids = names.filter((name) => /^\d+$/.test(name)).map(Number);
  const stats = await Promise.all(pids.map(async (each) => [each, await statOf(each)] as const));
  return stats.filter(([, stat]) => stat?.parent === pid).map(([each]) => each);
}
