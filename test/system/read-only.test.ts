import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect } from "vitest";
import type { FaultRig } from "../support/fault-rig.ts";
import { platformDiskTest } from "../support/platform-disk-test.ts";
import type { SmallDisk } from "../support/small-disk.ts";

/** Long enough for the pauses between two starts to have grown to their longest. */
const LASTS_MS = process.env.LONG === "1" ? 40_000 : 1_000;

/** The kernel lets nobody make it so while a file is open for writing: the broker has to be down for that moment. */
async function becomeReadOnly({ remount }: SmallDisk, rig: FaultRig): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    await rig.kill("broker");
    try {
      await remount("ro");
      return;
    } catch (error) {
      if (attempt === 50) throw error;
    }
  }
}

describe("a data directory that has become read-only", () => {
  platformDiskTest(
    "nothing is acknowledged, the log says why, it heals within 10 s, and nothing is lost",
    { timeout: 200_000 },
    async ({ disk, rig, halves: [first, second] }) => {
      await rig.publish(first);
      await rig.stored(first.length, 20_000);

      await becomeReadOnly(disk, rig);
      const publishing = rig.publish(second);
      await expect.poll(() => rig.log().find((line) => /read-only/.test(line))).toBeTruthy();
      await sleep(LASTS_MS);
      expect(rig.acknowledged()).toBe(first.length);

      const mended = performance.now();
      await disk.remount("rw");
      await publishing;
      expect(performance.now() - mended).toBeLessThan(10_000);
      await rig.stored(first.length + second.length, 20_000);
    },
  );
});
