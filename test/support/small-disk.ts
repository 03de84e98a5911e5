import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { test } from "vitest";

const run = promisify(execFile);

/** A file system of its own, small enough to fill. */
export interface SmallDisk {
  folder: string;
  /** makes it read-only or writable again; fails while a process has a file open for writing */
  remount(mode: "ro" | "rw"): Promise<void>;
  /** takes it away; what was on it is gone */
  remove(): Promise<void>;
}

/** Tests on a small disk of their own, or skipped, with the reason said, where nobody may mount one. */
export const smallDiskTest = (megabytes?: number) =>
  test.extend("disk", async ({ skip }, { onCleanup }) => {
    const disk = await mountSmallDisk(megabytes);
    if (disk === undefined) return skip("a small file system cannot be mounted here");
    onCleanup(() => disk.remove());
    return disk;
  });

/** Mounts one; undefined, with the reason said, where nobody may. */
async function mountSmallDisk(megabytes = 48): Promise<SmallDisk | undefined> {
  const folder = await mkdtemp(join(tmpdir(), "waystock-disk-"));
  try {
    await run("mount", ["-t", "tmpfs", "-o", `size=${megabytes}m`, "tmpfs", folder]);
  } catch (error) {
    await rm(folder, { recursive: true });
    if (process.env.REQUIRE_ALL === "1") throw error;
    console.warn("skipped: a small file system cannot be mounted here (not root)");
    return undefined;
  }
  return {
    folder,
    async remount(mode) {
      await run("mount", ["-o", `remount,${mode}`, folder]);
    },
    async remove() {
      await run("umount", [folder]);
      await rm(folder, { recursive: true });
    },
  };
}
