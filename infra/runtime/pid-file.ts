import { readFile } from "node:fs/promises";

/**
 * The process whose id stands in `file`, if it still runs. Process ids are used again: `mark` is a part of its command
 * line by which it is known, where the system tells command lines.
 */
export async function findRunningProcess(file: string, mark: string): Promise<number | undefined> {
  const pid = Number(await readFile(file, "utf8").catch(() => ""));
  if (!(pid > 0)) return undefined;
  try {
    process.kill(pid, 0);
  } catch {
    return undefined;
  }
  // A zombie's command line is empty: it is dead, and only waits to be noticed.
  const commandLine = await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => mark);
  return commandLine.includes(mark) ? pid : undefined;
}
