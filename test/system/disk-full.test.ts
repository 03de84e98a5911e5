import { rm, statfs, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type FaultRig, startFaultRig } from "../support/fault-rig.ts";
import { mountSmallDisk, type SmallDisk } from "../support/small-disk.ts";
import { createSampleDay } from "../support/sample-day.ts";
import { worldIn } from "../support/world.ts";

describe("a full disk", () => {
  let disk: SmallDisk | undefined;
  let rig: FaultRig;

  beforeAll(async () => {
    disk = await mountSmallDisk();
    if (disk !== undefined) rig = await startFaultRig({ dataDirectory: disk.folder });
  }, 40_000);
  afterAll(async () => {
    if (disk === undefined) return;
    await rig.close();
    await disk.remove();
  }, 30_000);

  test("acknowledges nothing, says why, heals within 10 s, and loses nothing", async (context) => {
    if (disk === undefined) {
      context.skip();
      return;
    }
    const start = Date.parse("2026-03-01T06:00:00Z");
    const { messages } = await createSampleDay(worldIn(rig.pool), { name: 1, seed: 3, start, hours: 1 });
    const half = Math.floor(messages.length / 2);
    await rig.publish(messages.slice(0, half));
    await rig.stored(half, 10_000);

    // Ingest must not make room by trimming, nor anything else find some.
    const { folder } = disk;
    const filler = join(folder, "filler");
    const { bavail, bsize } = await statfs(folder);
    await writeFile(filler, Buffer.alloc(bavail * bsize)).catch(async () => {
      const left = await statfs(folder);
      if (left.bavail > 0) throw new Error(`${left.bavail} blocks are still free`);
    });
    const publishing = rig.publish(messages.slice(half));
    await expect
      .poll(() => rig.log().find((line) => /journal/.test(line) && /ENOSPC|no space|full/i.test(line)), {
        timeout: 5_000,
      })
      .toBeTruthy();
    const acknowledged = rig.acknowledged();
    await sleep(1_000);
    expect(rig.acknowledged()).toBe(acknowledged);
    expect(acknowledged).toBeLessThan(messages.length);

    const freed = performance.now();
    await rm(filler);
    await publishing;
    expect(performance.now() - freed).toBeLessThan(10_000);
    await rig.stored(messages.length, 10_000);
  }, 60_000);
});
