import { chown } from "node:fs/promises";

/**
 * The user that runs the server. PostgreSQL refuses to run as root, so for root it is the uid of `nobody`, which needs
 * no new account. Any other user runs the server as itself.
 */
export interface ServerUser {
  /** for `child_process` */
  spawn: { uid?: number; gid?: number };
  /** undefined: the user of this process */
  uid: number | undefined;
}

const NOBODY = 65534;

/** The user for the server, given the uid of this process. */
export function serverUser(uid: number | undefined = process.getuid?.()): ServerUser {
  return uid === 0 ? { spawn: { uid: NOBODY, gid: NOBODY }, uid: NOBODY } : { spawn: {}, uid: undefined };
}

/** Makes `user` the owner of `path`; does nothing when that is the user of this process. */
export async function chownTo(path: string, user: ServerUser): Promise<void> {
  if (user.uid !== undefined) await chown(path, user.uid, user.uid);
}

/**
 * The environment of initdb, pg_ctl and the server. Nothing is inherited: a `LANG` without a generated locale aborts
 * initdb, `LANG=C` creates a SQL_ASCII cluster, and `PGDATA`, `PGPORT` or `PGOPTIONS` would change what is started.
 */
export const serverEnvironment = { LC_ALL: "C", PATH: "/usr/bin:/bin" };
