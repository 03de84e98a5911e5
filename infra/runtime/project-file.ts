import { existsSync } from "node:fs";
import { dirname, join } from "node:path";

/**
 * The absolute path of `relative`, a file or folder of the project that the compiler does not copy (SQL, `.mjs`).
 * The search goes from this file's folder up to the root, so the sources and the compiled tree find the same file.
 */
export function projectFile(relative: string): string {
  let folder = import.meta.dirname;
  for (;;) {
    const candidate = join(folder, relative);
    if (existsSync(candidate)) return candidate;
    const parent = dirname(folder);
    if (parent === folder) throw new Error(`${relative} not found in any folder above ${import.meta.dirname}`);
    folder = parent;
  }
}
