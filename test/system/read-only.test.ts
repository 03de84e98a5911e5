import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type FaultRig, startFaultRig } from "../support/fault-rig.ts";
import { mountSmallDisk, type SmallDisk } from "../support/small-disk.ts";
import { createSampleDay } from "../support/sample-day.ts";
import { worldIn } from "../support/world.ts";

/** Long enough for the pauses between two starts to have grown to their longest. */
const LASTS_MS = process.env.LONG === "1" ? 40_000 : 1_000;

describe("a data directory that has become read-only", () => {
  let disk: SmallDisk | undefined;
  let rig: FaultRig;

  beforeAll(async () => {
    disk = await mountSmallDisk();
    if (disk !== undefined) rig = await startFaultRig({ dataDirectory: disk.folder });
  }, 40_000);
  afterAll(async () => {
    if (disk === undefined) return;
    await disk.remount("rw");
    await rig.close();
    await disk.remove();
  }, 30_000);

  /** The kernel lets nobody make it so while a file is open for writing: the broker has to be down for that moment. */
  async function becomeReadOnly({ remount }: SmallDisk): Promise<void> {
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

  test("nothing is acknowledged, the log says why, it heals within 10 s, and nothing is lost", async (context) => {
    if (disk === undefined) {
      context.skip();
      return;
    }
    const start = Date.parse("2026-03-01T06:00:00Z");
    const { messages } = await createSampleDay(worldIn(rig.pool), { name: 1, seed: 4, start, hours: 1 });
    const half = Math.floor(messages.length / 2);
    await rig.publish(messages.slice(0, half));
    await rig.stored(half, 20_000);

    await becomeReadOnly(disk);
    const publishing = rig.publish(messages.slice(half));
    await expect.poll(() => rig.log().find((line) => /read-only/.test(line)), { timeout: 15_000 }).toBeTruthy();
    await sleep(LASTS_MS);
    expect(rig.acknowledged()).toBe(half);

    const mended = performance.now();
    await disk.remount("rw");
    await publishing;
    expect(performance.now() - mended).toBeLessThan(10_000);
    await rig.stored(messages.length, 20_000);
  }, 150_000);
});
