import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";

/** The path of `program`, looked for where Debian puts servers, too. */
export function findProgram(program: string): string | undefined {
  const folders = [...(process.env.PATH ?? "").split(delimiter), "/usr/sbin", "/usr/local/sbin"];
  for (const folder of folders) {
    const candidate = join(folder, program);
    try {
      accessSync(candidate, constants.X_OK);
      return candidate;
    } catch {
      // not in this folder
    }
  }
  return undefined;
}

/**
 * The path of `program` on this machine, or `undefined` after printing that tests will be skipped for want of it.
 * With `REQUIRE_ALL=1` its absence is an error instead, so that nothing can be skipped unseen.
 */
export function requires(program: string): string | undefined {
  const path = findProgram(program);
  if (path !== undefined) return path;
  if (process.env.REQUIRE_ALL === "1") throw new Error(`${program} is not on this machine, and REQUIRE_ALL=1`);
  console.warn(`skipped: ${program} is not on this machine`);
  return undefined;
}
