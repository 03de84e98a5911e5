import { open, rename } from "node:fs/promises";
import { dirname } from "node:path";
import { disk } from "./files.ts";

/**
 * Replaces the file at `path` and returns once that is durable: a crash or a power cut at any moment leaves the old
 * content or the new one. Calls for one path must not overlap.
 * @param mode permissions of the file
 */
export async function writeFileAtomically(path: string, content: string, mode = 0o640): Promise<void> {
  const file = await open(`${path}.new`, "w", mode);
  try {
    await file.writeFile(content);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(`${path}.new`, path);
  await disk.syncDirectory(dirname(path));
}
