import { chown } from "node:fs/promises";

/**
 * PostgreSQL refuses to run as root. Then the server runs under the uid that POSIX systems reserve for nobody, which
 * needs no account to be created; anybody else runs it as themselves.
 */
export interface ServerUser {
  /** for `child_process` */
  spawn: { uid?: number; gid?: number };
  /** undefined: the user of this process */
  uid: number | undefined;
}

const NOBODY = 65534;

/** The user to run the server as, given the user of this process. */
export function serverUser(uid: number | undefined = process.getuid?.()): ServerUser {
  return uid === 0 ? { spawn: { uid: NOBODY, gid: NOBODY }, uid: NOBODY } : { spawn: {}, uid: undefined };
}

/** Gives `path` to `user`; nothing to do when that is ourselves. */
export async function chownTo(path: string, user: ServerUser): Promise<void> {
  if (user.uid !== undefined) await chown(path, user.uid, user.uid);
}

/**
 * The environment of initdb, pg_ctl and the server. Nothing is inherited: a `LANG` that was never generated aborts
 * initdb, `LANG=C` would make a SQL_ASCII cluster, and `PGDATA`, `PGPORT` or `PGOPTIONS` would change what is started.
 */
export const serverEnvironment = { LC_ALL: "C", PATH: "/usr/bin:/bin" };
