import { readFile, rename } from "node:fs/promises";
import type { Logger } from "pino";
import type { z } from "zod";

export interface SavedFile<T> {
  path: string;
  schema: z.ZodType<T>;
  log: Logger;
  /** does what must be done before the damaged file is out of the way, since nothing reports it after that */
  onDamaged?: () => Promise<void>;
}

/**
 * Reads a file that a worker has saved. A damaged one does not stop the start: it is named, set aside as `….damaged` and
 * counts as missing, and the caller builds its content again.
 * @returns undefined where there is none
 */
export async function readSavedFile<T>({ path, schema, log, onDamaged }: SavedFile<T>): Promise<T | undefined> {
  try {
    return schema.parse(JSON.parse(await readFile(path, "utf8")));
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    const damaged = `${path}.damaged`;
    log.error(
      { err: error, path, keptAs: damaged },
      `${path} is damaged: it is set aside, and its content built again`,
    );
    await onDamaged?.();
    await rename(path, damaged);
    return undefined;
  }
}
