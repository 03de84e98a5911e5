import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { findRunningProcess } from "../runtime/pid-file.ts";
import { projectFile } from "../runtime/project-file.ts";

const WRAPPER = "infra/supervisor/bound-child.mjs";

export interface BoundChildOptions {
  program: string;
  arguments: readonly string[];
  /** holds the wrapper's process id while it runs */
  pidFile: string;
  /** file descriptor for the program's output */
  output: number;
}

/** Starts a program that ends when this process ends, even by SIGKILL, and that the terminal's signals do not reach. */
export function startBoundChild(options: BoundChildOptions): ChildProcess {
  const { program, arguments: programArguments, pidFile, output } = options;
  return spawn(process.execPath, [projectFile(WRAPPER), pidFile, program, ...programArguments], {
    detached: true,
    stdio: ["pipe", output, output],
  });
}

/** Asks the program to stop and resolves when it has exited. */
export async function stopBoundChild(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, "exit");
  child.stdin?.end();
  await exited;
}

/**
 * Waits until the program of an earlier start, whose owner was killed, has ended: two programs on the same data would
 * destroy it.
 * @throws when it still runs after `withinMs`
 */
export async function waitForPredecessor(pidFile: string, withinMs = 10_000): Promise<void> {
  const deadline = performance.now() + withinMs;
  for (;;) {
    const pid = await findRunningProcess(pidFile, WRAPPER);
    if (pid === undefined) return;
    if (performance.now() >= deadline) throw new Error(`process ${pid} of an earlier start still runs (${pidFile})`);
    await sleep(100);
  }
}
