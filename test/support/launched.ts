import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { startAwakeClock } from "./awake-clock.ts";
import { NODE_OPTIONS } from "../../infra/supervisor/supervisor.ts";

const launcher = join(import.meta.dirname, "..", "..", "infra", "launch.mjs");

/** One of our programs, started as a person or the supervisor starts it: in a process group of its own, like a terminal's. */
export class Launched {
  readonly child: ChildProcess;
  readonly lines: string[] = [];
  #rest = "";

  constructor(
    name: string,
    environment: Record<string, string>,
    args: readonly string[] = [],
    { program = [launcher, name], cwd }: { program?: readonly string[]; cwd?: string } = {},
  ) {
    this.child = spawn(process.execPath, [...(NODE_OPTIONS[name] ?? []), ...program, ...args], {
      cwd,
      env: { ...process.env, LOG_PRETTY: "false", ...environment },
      detached: true,
      stdio: ["ignore", "pipe", "pipe"],
    });
    for (const stream of [this.child.stdout, this.child.stderr]) {
      stream?.setEncoding("utf8").on("data", (chunk: string) => {
        const parts = (this.#rest + chunk).split("\n");
        this.#rest = parts.pop() ?? "";
        this.lines.push(...parts);
      });
    }
  }

  get pid(): number {
    if (this.child.pid === undefined) throw new Error("it was not started");
    return this.child.pid;
  }

  get output(): string {
    return [...this.lines, this.#rest].join("\n");
  }

  /** Memory it has in RAM now, bytes; Linux only. */
  async residentBytes(): Promise<number> {
    const status = await readFile(`/proc/${this.pid}/status`, "utf8");
    return Number(/VmRSS:\s+(\d+)/.exec(status)![1]) * 1024;
  }

  /** The most memory it had in RAM since `forgetPeak`, bytes; Linux only. */
  async peakResidentBytes(): Promise<number> {
    const status = await readFile(`/proc/${this.pid}/status`, "utf8");
    return Number(/VmHWM:\s+(\d+)/.exec(status)![1]) * 1024;
  }

  /** Files and sockets it has open; Linux only. */
  async openFiles(): Promise<number> {
    return (await readdir(`/proc/${this.pid}/fd`)).length;
  }

  get hasEnded(): boolean {
    return this.child.exitCode !== null || this.child.signalCode !== null;
  }

  /** Waits for the `count`th line that matches, and gives the match. */
  async says(pattern: RegExp, { withinMs = 60_000, count = 1 } = {}): Promise<RegExpExecArray> {
    const deadline = performance.now() + withinMs;
    for (;;) {
      const match = this.lines.map((line) => pattern.exec(line)).filter((found) => found !== null)[count - 1];
      if (match !== undefined) return match;
      if (performance.now() > deadline) throw new Error(`never said ${pattern}:\n${this.output}`);
      await sleep(20);
    }
  }

  /** As Ctrl-C does: to every process of the group. */
  interruptGroup(): void {
    process.kill(-this.pid, "SIGINT");
  }

  /** Waits for its end; gives the exit code, or the signal it died of, and how long that took in milliseconds. */
  async ends(withinMs = 60_000): Promise<{ code: number | NodeJS.Signals | null; tookMs: number }> {
    const began = performance.now();
    if (!this.hasEnded) await once(this.child, "close", { signal: AbortSignal.timeout(withinMs) });
    return { code: this.child.exitCode ?? this.child.signalCode, tookMs: performance.now() - began };
  }
}

/** Processes that carry `mark` in their environment or command line, by id: everything a start has left behind. */
export async function processesWith(mark: string): Promise<Map<number, string>> {
  const found = new Map<number, string>();
  for (const entry of await readdir("/proc")) {
    if (!/^\d+$/.test(entry) || Number(entry) === process.pid) continue;
    const read = (file: string) => readFile(`/proc/${entry}/${file}`, "utf8").catch(() => "");
    const commandLine = (await read("cmdline")).replaceAll("\0", " ").trim();
    if (commandLine.includes(mark) || (await read("environ")).includes(mark)) found.set(Number(entry), commandLine);
  }
  return found;
}

/** Waits until no process carries `mark`; gives how long that took, without time in which the whole machine stood still. */
export async function untilNoneLeft(mark: string, withinMs: number): Promise<number> {
  const awakeMs = startAwakeClock();
  for (;;) {
    const left = await processesWith(mark);
    const tookMs = awakeMs();
    if (left.size === 0) return tookMs;
    if (tookMs > withinMs) throw new Error(`still running: ${[...left.values()].join("; ")}`);
    await sleep(50);
  }
}
