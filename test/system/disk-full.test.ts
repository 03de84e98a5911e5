import { rm, statfs, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect } from "vitest";
import { platformDiskTest } from "../support/platform-disk-test.ts";

describe("a full disk", () => {
  platformDiskTest(
    "acknowledges nothing, says why, heals within 10 s, and loses nothing",
    { timeout: 150_000 },
    async ({ disk: { folder }, rig, halves: [first, second] }) => {
      await rig.publish(first);
      await rig.stored(first.length, 20_000);

      // Ingest must not make room by trimming, nor anything else find some.
      const filler = join(folder, "filler");
      const { bavail, bsize } = await statfs(folder);
      await writeFile(filler, Buffer.alloc(bavail * bsize)).catch(async () => {
        const left = await statfs(folder);
        if (left.bavail > 0) throw new Error(`${left.bavail} blocks are still free`);
      });
      const publishing = rig.publish(second);
      await expect
        .poll(() => rig.log().find((line) => /journal/.test(line) && /ENOSPC|no space|full/i.test(line)))
        .toBeTruthy();
      // Acknowledgements of what was written before may still be on their way.
      let before: number;
      let acknowledged = rig.acknowledged();
      do {
        before = acknowledged;
        await sleep(500);
        acknowledged = rig.acknowledged();
      } while (acknowledged > before);
      await sleep(1_000);
      expect(rig.acknowledged()).toBe(acknowledged);
      expect(acknowledged).toBeLessThan(first.length + second.length);

      const freed = performance.now();
      await rm(filler);
      await publishing;
      expect(performance.now() - freed).toBeLessThan(10_000);
      await rig.stored(first.length + second.length, 20_000);
    },
  );
});
