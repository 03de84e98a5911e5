import { randomBytes } from "node:crypto";
import { chmod, mkdir, readFile, realpath, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Logger } from "pino";
import { writeFileAtomically } from "../../../broker/journal/atomic-file.ts";
import type { ServerUser } from "./server-user.ts";

/** The folder for the state of services (FHS 3.0 §5.8). */
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

async function readIfExists(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

/**
 * Chooses the folder for the cluster, password and settings of the embedded server: `postgres` in `dataDir`, created and
 * made enterable (0711) for `user`. If `user` may not enter a folder above it (a clone in a 0700 home, run as root), a
 * new folder in the system's state folder is used instead. Its path is written to `postgres/location`, so `dataDir` can
 * be moved and still finds its database.
 */
export async function chooseDataLocation(
  dataDir: string,
  user: ServerUser,
  log: Logger,
  stateFolder: string = STATE_FOLDER,
): Promise<string> {
  const location = join(dataDir, "postgres");
  await mkdir(location, { recursive: true });
  if (user.uid !== undefined) {
    for (const folder of [dataDir, location]) await chmod(folder, ((await stat(folder)).mode & 0o777) | 0o011);
  }
  const pointer = join(location, "location");
  const moved = (await readIfExists(pointer))?.trim();
  if (moved !== undefined) {
    if (await exists(moved)) return moved;
    throw new Error(`${pointer} names ${moved} as the folder of the database, which does not exist`);
  }
  const closed = await closedAncestor(location, user);
  if (closed === undefined) return realpath(location);
  if (await exists(join(location, "cluster"))) {
    throw new Error(`the database in ${location} cannot be reached by uid ${user.uid}: run chmod o+x ${closed}`);
  }
  const elsewhere = join(stateFolder, `waystock-${randomBytes(6).toString("hex")}`);
  await mkdir(elsewhere, { mode: 0o711 });
  await chmod(elsewhere, 0o711); // the umask may have removed bits
  await writeFileAtomically(pointer, `${elsewhere}\n`);
  log.warn(
    { closed, location: elsewhere },
    `uid ${user.uid} may not enter ${closed}: the database is stored in ${elsewhere}`,
  );
  return elsewhere;
}
