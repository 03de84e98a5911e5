import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { findRunningProcess } from "../runtime/pid-file.ts";
import { projectFile } from "../runtime/project-file.ts";

const WRAPPER = "infra/supervisor/bound-child.mjs";

export interface BoundChildOptions {
  program: string;
  arguments: readonly string[];
  /** where the child's process id stands while it runs */
  pidFile: string;
  /** file descriptor for the program's output */
  output: number;
}

/** Starts a program that ends when we do, even by SIGKILL, and that the terminal's signals do not reach. */
export function startBoundChild({
  program,
  arguments: programArguments,
  pidFile,
  output,
}: BoundChildOptions): ChildProcess {
  return spawn(process.execPath, [projectFile(WRAPPER), pidFile, program, ...programArguments], {
    // A session of its own: see the child.
    detached: true,
    stdio: ["pipe", output, output],
  });
}

/** Ends it in good order. */
export async function stopBoundChild(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, "exit");
  child.stdin?.end();
  await gone;
}

/**
 * Waits for the program of an earlier start, whose owner was killed, to end: two on the same data would destroy it.
 * @throws when it is still there after `withinMs`
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
