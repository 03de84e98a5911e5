import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { runningProcess } from "../runtime/pid-file.ts";
import { projectFile } from "../runtime/project-file.ts";

const KEEPER = "infra/supervisor/bound-child.mjs";

export interface KeptProgramOptions {
  program: string;
  arguments: readonly string[];
  /** where the keeper's process id stands while it runs */
  pidFile: string;
  /** file descriptor for the program's output */
  output: number;
}

/** Starts a program that ends when we do, even by SIGKILL, and that the terminal's signals do not reach. */
export function startKept({ program, arguments: programArguments, pidFile, output }: KeptProgramOptions): ChildProcess {
  return spawn(process.execPath, [projectFile(KEEPER), pidFile, program, ...programArguments], {
    // A session of its own: see the keeper.
    detached: true,
    stdio: ["pipe", output, output],
  });
}

/** Ends it in good order. */
export async function endKept(keeper: ChildProcess): Promise<void> {
  if (keeper.exitCode !== null || keeper.signalCode !== null) return;
  const gone = once(keeper, "exit");
  keeper.stdin?.end();
  await gone;
}

/**
 * Waits for the program of an earlier start, whose owner was killed, to end: two on the same data would destroy it.
 * @throws when it is still there after `withinMs`
 */
export async function waitForPredecessor(pidFile: string, withinMs = 10_000): Promise<void> {
  const deadline = performance.now() + withinMs;
  for (;;) {
    const pid = await runningProcess(pidFile, KEEPER);
    if (pid === undefined) return;
    if (performance.now() >= deadline) throw new Error(`process ${pid} of an earlier start still runs (${pidFile})`);
    await sleep(100);
  }
}
