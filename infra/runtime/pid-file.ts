import { readFile } from "node:fs/promises";

/**
 * The process id in `file`, if that process still runs. The system reuses process ids, so where it shows command lines
 * (/proc) the process counts only if its command line contains `mark`.
 */
export async function findRunningProcess(file: string, mark: string): Promise<number | undefined> {
  const pid = Number(await readFile(file, "utf8").catch(() => ""));
  if (!(pid > 0)) return undefined;
  try {
    process.kill(pid, 0);
  } catch {
    return undefined;
  }
  // A zombie's command line is empty: the process is dead and waits to be reaped.
  const commandLine = await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => mark);
  return commandLine.includes(mark) ? pid : undefined;
}
