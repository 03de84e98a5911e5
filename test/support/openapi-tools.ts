import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);
const folder = join(import.meta.dirname, "../openapi-tools");

/**
 * The folder whose node_modules hold tools of others that read OpenAPI documents, at the versions of its lock file. They are
 * installed at the first call, from npm's cache or the registry: as development packages of the project they would double
 * what every clone installs.
 * @returns undefined, after printing why, where they cannot be installed; with `REQUIRE_ALL=1` that is an error
 */
export async function openApiTools(): Promise<string | undefined> {
  if (existsSync(join(folder, "node_modules", ".package-lock.json"))) return folder;
  try {
    await run("npm", ["ci", "--ignore-scripts", "--prefer-offline", "--no-audit", "--no-fund"], { cwd: folder });
    return folder;
  } catch (error) {
    if (process.env.REQUIRE_ALL === "1") throw error;
    console.warn(
      `skipped: the tools of test/openapi-tools cannot be installed: ${(error as Error).message.slice(0, 300)}`,
    );
    return undefined;
  }
}
