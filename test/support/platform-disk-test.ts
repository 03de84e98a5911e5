import { startFaultRig } from "./fault-rig.ts";
import { createSampleDay } from "./sample-day.ts";
import { smallDiskTest } from "./small-disk.ts";
import { worldIn } from "./world.ts";

const START = Date.parse("2026-03-01T06:00:00Z");

/** Tests of a platform whose data directory is on a small disk; `halves` are the messages of an hour that devices send it. */
export const platformDiskTest = smallDiskTest()
  .extend("rig", async ({ disk }, { onCleanup }) => {
    const rig = await startFaultRig({ dataDirectory: disk.folder });
    onCleanup(async () => {
      // A platform on a disk that a failed test has left read-only would not end.
      await disk.remount("rw");
      await rig.close();
    });
    return rig;
  })
  .extend("halves", async ({ rig }) => {
    const { messages } = await createSampleDay(worldIn(rig.pool), { name: 1, seed: 3, start: START, hours: 1 });
    const half = Math.floor(messages.length / 2);
    return [messages.slice(0, half), messages.slice(half)] as const;
  });
