import { readFileSync } from "node:fs";

const CHECK_EVERY_MS = 500;

/**
 * Calls `gone` once when npm ends before us, if it was npm that ran us by the script `script`. npm hands a SIGTERM only to
 * the shell between us, which dies of it and tells nobody; and nobody is told of a SIGKILL. Whoever stops `npm start`
 * means the platform.
 */
export function watchNpmParent(script: string | undefined, gone: () => void): void {
  if (!script?.includes("infra/launch.mjs")) return;
  const parent = process.ppid;
  const npm = parentOfShell(parent, script);
  const watch = setInterval(() => {
    if (process.ppid === parent && (npm === undefined || isAlive(npm))) return;
    clearInterval(watch);
    gone();
  }, CHECK_EVERY_MS);
  watch.unref();
}

/** The parent of process `pid` if that is the shell that runs `script`; known where there is a /proc. */
function parentOfShell(pid: number, script: string): number | undefined {
  try {
    if (!readFileSync(`/proc/${pid}/cmdline`, "utf8").includes(script)) return undefined;
    return Number(/^PPid:\s*(\d+)$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]);
  } catch {
    // No /proc on this system, or the shell has just ended, which the next look sees.
    return undefined;
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== "ESRCH";
  }
}
