import { readFileSync } from "node:fs";

const CHECK_EVERY_MS = 500;
/** npm runs other scripts too, such as a test runner that starts our processes. */
const OUR_SCRIPT = /infra\/(launch\.mjs|processes\/)/;

/**
 * Calls `onExit` once when npm ends before this process, if npm started it by the script `script`. Signals do not reach
 * us in that case: npm forwards a SIGTERM only to the shell between npm and us, and the shell dies of it without telling
 * its child; nobody is notified of a SIGKILL. A person who stops `npm start` means the platform.
 */
export function watchNpmParent(script: string | undefined, onExit: () => void): void {
  if (script === undefined || !OUR_SCRIPT.test(script)) return;
  const parent = process.ppid;
  const npm = parentOfShell(parent, script);
  const watch = setInterval(() => {
    if (process.ppid === parent && (npm === undefined || isAlive(npm))) return;
    clearInterval(watch);
    onExit();
  }, CHECK_EVERY_MS);
  watch.unref();
}

/** The parent of process `pid` if `pid` is the shell that runs `script`; undefined on systems without /proc. */
function parentOfShell(pid: number, script: string): number | undefined {
  try {
    if (!readFileSync(`/proc/${pid}/cmdline`, "utf8").includes(script)) return undefined;
    return Number(/^PPid:\s*(\d+)$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]);
  } catch {
    // There is no /proc, or the shell has just ended, which the next check sees.
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
