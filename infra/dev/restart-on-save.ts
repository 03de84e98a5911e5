import { setTimeout as sleep } from "node:timers/promises";
import type { Logger } from "pino";
import { sourceFiles } from "./source-graph.ts";

/** Editors write a file in several steps, and a checkout writes many files: wait until it is quiet for this long. */
const QUIET_MS = 150;

/** A process that can be restarted, and the script it runs. */
export interface RestartableProcess {
  name: string;
  file: string;
  restart(): Promise<unknown>;
}

export interface RestartOnSaveOptions {
  processes: readonly RestartableProcess[];
  /** called when a migration was added or changed, before the restarts */
  migrate: () => Promise<unknown>;
  log: Logger;
}

/**
 * Returns a listener for changed files that restarts every process that loads one of them. A process that does not start
 * stays down until the next change.
 */
export function restartOnSave({ processes, migrate, log }: RestartOnSaveOptions): (path: string) => void {
  const watched = processes.map((process) => ({ ...process, sources: sourceFiles(process.file) }));
  let changed = new Set<string>();
  let running: Promise<void> | undefined;

  async function applyChanges(): Promise<void> {
    while (changed.size > 0) {
      const seen = changed.size;
      await sleep(QUIET_MS);
      if (changed.size > seen) continue;
      const paths = changed;
      changed = new Set();
      if ([...paths].some((path) => path.endsWith(".sql"))) await logged(log, "migration failed", migrate);
      await Promise.all(watched.map((process) => restartIfAffected(process, paths)));
    }
  }

  async function restartIfAffected(process: (typeof watched)[number], paths: ReadonlySet<string>): Promise<void> {
    const before = process.sources;
    process.sources = sourceFiles(process.file);
    const files = [...paths].filter((path) => before.has(path) || process.sources.has(path));
    if (files.length === 0) return;
    const child = log.child({ child: process.name });
    child.info({ files }, "source changed; restarting");
    const isRunning = await logged(child, "does not start; waiting for the next change", () => process.restart());
    if (isRunning) child.info("restarted");
  }

  return (path) => {
    changed.add(path);
    running ??= applyChanges().finally(() => (running = undefined));
  };
}

/** Runs `work` and logs its failure as `message`; resolves to whether it succeeded. */
async function logged(log: Logger, message: string, work: () => Promise<unknown>): Promise<boolean> {
  try {
    await work();
    return true;
  } catch (error) {
    log.error({ err: error }, message);
    return false;
  }
}
