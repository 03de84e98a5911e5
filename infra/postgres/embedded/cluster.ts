import { randomBytes } from "node:crypto";
import { appendFile, mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Binaries } from "./binaries.ts";
import { runProgram } from "./run-program.ts";
import { chownTo, type ServerUser } from "./server-user.ts";

/** The name of the embedded server's superuser, and of the platform's database, which `platform-role.ts` owns. */
export const OWNER = "waystock";

const PASSWORD_FILE = "waystock-password";

/** A database cluster on disk: PostgreSQL's term for a data directory. */
export interface Cluster {
  /** PGDATA */
  folder: string;
  /** configuration file with the port and the other settings; rewritten at every start */
  settingsFile: string;
  password: string;
}

/** `max_wal_size` bounds crash recovery (about 4 s for 0.8 GB). The server listens on loopback only. */
const SETTINGS: Record<string, string> = {
  listen_addresses: "127.0.0.1",
  unix_socket_directories: "",
  max_connections: "100",
  shared_buffers: "256MB",
  max_wal_size: "1GB",
  synchronous_commit: "on",
  fsync: "on",
  jit: "off",
  timezone: "UTC",
  log_timezone: "UTC",
  log_checkpoints: "off",
  // Clients receive the errors of their statements; the log of the server stays short.
  log_min_messages: "log",
};

/** Writes the settings for the next start: our defaults, `port`, then `overrides`. */
export async function writeSettings(cluster: Cluster, port: number, overrides: Record<string, string>): Promise<void> {
  const lines = Object.entries({ ...SETTINGS, port: String(port), ...overrides }).map(
    ([name, value]) => `${name} = '${value.replaceAll("'", "''")}'`,
  );
  await writeFile(cluster.settingsFile, `# written at every start\n${lines.join("\n")}\n`, { mode: 0o644 });
}

async function readIfExists(path: string): Promise<string | undefined> {
  try {
    return (await readFile(path, "utf8")).trim();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

/** Creates a cluster under a temporary name and renames it when complete, so a kill never leaves half a cluster. */
async function createCluster(location: string, folder: string, binaries: Binaries, user: ServerUser): Promise<void> {
  const unfinished = `${folder}.unfinished.${process.pid}`;
  await rm(unfinished, { recursive: true, force: true });
  await mkdir(unfinished, { mode: 0o700 });
  await chownTo(unfinished, user);
  // initdb requires an empty folder, so the password file is moved into it afterwards.
  const passwordFile = `${unfinished}.${PASSWORD_FILE}`;
  await writeFile(passwordFile, randomBytes(32).toString("base64url"), { mode: 0o600 });
  await chownTo(passwordFile, user);
  try {
    const options = ["--pgdata", unfinished, "--username", OWNER, "--pwfile", passwordFile];
    options.push("--auth=scram-sha-256", "--encoding=UTF8", "--locale=C", "--no-instructions");
    await runProgram(binaries.initdb, options, location, user);
    // A relative path, because the whole folder may be moved.
    await appendFile(join(unfinished, "postgresql.conf"), "\ninclude '../settings.conf'\n");
    await rename(passwordFile, join(unfinished, PASSWORD_FILE));
    await rename(unfinished, folder);
  } finally {
    await rm(passwordFile, { force: true });
    await rm(unfinished, { recursive: true, force: true });
  }
}

/**
 * The cluster in the folder `location`, created if missing.
 * @throws when another major version of PostgreSQL has created it
 */
export async function openCluster(location: string, binaries: Binaries, user: ServerUser): Promise<Cluster> {
  const folder = join(location, "cluster");
  const versionFile = join(folder, "PG_VERSION");
  if ((await readIfExists(versionFile)) === undefined) {
    await createCluster(location, folder, binaries, user).catch(async (error: unknown) => {
      // Another process may have created the cluster at the same time; then use that one.
      if ((await readIfExists(versionFile)) !== undefined) return;
      throw new Error(`cannot create the embedded database; set DATABASE_URL to use another one: ${String(error)}`, {
        cause: error,
      });
    });
  }
  const version = await readIfExists(versionFile);
  if (version !== String(binaries.major)) {
    throw new Error(
      `${folder} was made by PostgreSQL ${version}, the embedded server is ${binaries.major}: make a backup with ` +
        "the release that made it, move the folder away and restore, or set DATABASE_URL",
    );
  }
  const password = await readIfExists(join(folder, PASSWORD_FILE));
  if (password === undefined)
    throw new Error(`${join(folder, PASSWORD_FILE)} is missing: without it the database cannot be opened`);
  return { folder, settingsFile: join(location, "settings.conf"), password };
}
