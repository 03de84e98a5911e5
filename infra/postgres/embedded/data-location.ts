import { randomBytes } from "node:crypto";
import { chmod, mkdir, readFile, realpath, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Logger } from "pino";
import type { ServerUser } from "./server-user.ts";

/** Where a system keeps the state of its services (FHS 3.0 §5.8). */
const STATE_FOLDER = "/var/lib";

const EXECUTE_FOR_OTHERS = 0o001;

/** The nearest ancestor of `path` (itself included) that `user` may not enter. */
async function closedAncestor(path: string, user: ServerUser): Promise<string | undefined> {
  if (user.uid === undefined) return undefined;
  for (let folder = await realpath(path); ; folder = dirname(folder)) {
    const { mode, uid } = await stat(folder);
    const open = uid === user.uid ? (mode & 0o100) !== 0 : (mode & EXECUTE_FOR_OTHERS) !== 0;
    if (!open) return folder;
    if (folder === dirname(folder)) return undefined;
  }
}

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

async function isThere(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

/**
 * The folder that holds the embedded server's cluster, password and settings: `postgres` below `dataDir`, made and
 * opened (0711) for `user`. Where a folder above is closed to `user` (a clone below a 0700 home, run as root) it is a
 * folder of its own below the system's state folder, whose path is written to `postgres/location`, so that the data
 * belong to `dataDir` and not to its path.
 */
export async function choosePlace(
  dataDir: string,
  user: ServerUser,
  log: Logger,
  stateFolder: string = STATE_FOLDER,
): Promise<string> {
  const place = join(dataDir, "postgres");
  await mkdir(place, { recursive: true });
  if (user.uid !== undefined) {
    for (const folder of [dataDir, place]) await chmod(folder, ((await stat(folder)).mode & 0o777) | 0o011);
  }
  const pointer = join(place, "location");
  const moved = (await readIfThere(pointer))?.trim();
  if (moved !== undefined) {
    if (await isThere(moved)) return moved;
    throw new Error(`${pointer} says that the database is in ${moved}, which does not exist`);
  }
  const closed = await closedAncestor(place, user);
  if (closed === undefined) return realpath(place);
  if (await isThere(join(place, "cluster"))) {
    throw new Error(`the database in ${place} cannot be reached by uid ${user.uid}: run chmod o+x ${closed}`);
  }
  const elsewhere = join(stateFolder, `waystock-${randomBytes(6).toString("hex")}`);
  await mkdir(elsewhere, { mode: 0o711 });
  await chmod(elsewhere, 0o711); // whatever the umask took away
  await writeFile(pointer, `${elsewhere}\n`);
  log.warn({ closed, place: elsewhere }, `uid ${user.uid} may not enter ${closed}: the database lives in ${elsewhere}`);
  return elsewhere;
}
