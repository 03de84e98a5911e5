import { readdir } from "node:fs/promises";
import { join, relative } from "node:path";

const root = join(import.meta.dirname, "../..");

/** What programs write and nobody reads from end to end, and packages of others. */
const MADE_OR_INSTALLED = /^api\/client\/(schema\.d\.ts|dist\/)|\/node_modules\//;

/** The files of a part, as paths from the root of the project. */
export async function filesBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(
    (error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT") return [];
      throw error;
    },
  );
  const files = entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(root, join(entry.parentPath, entry.name)));
  return files.filter((file) => !MADE_OR_INSTALLED.test(file));
}
