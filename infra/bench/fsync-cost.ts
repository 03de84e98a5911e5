import { open } from "node:fs/promises";
import { join } from "node:path";
import { median } from "./table.ts";

/** Milliseconds that a write of 4 kB and an fdatasync take in this directory: the median of 200. */
export async function fsyncCost(directory: string): Promise<number> {
  const file = await open(join(directory, "fsync-cost"), "w");
  const bytes = Buffer.alloc(4096, 1);
  const durations: number[] = [];
  try {
    for (let round = 0; round < 200; round += 1) {
      const startedAt = performance.now();
      await file.write(bytes, 0, bytes.length, round * bytes.length);
      await file.datasync();
      durations.push(performance.now() - startedAt);
    }
  } finally {
    await file.close();
  }
  return median(durations) ?? 0;
}
