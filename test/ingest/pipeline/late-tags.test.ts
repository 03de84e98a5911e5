import { expect } from "vitest";
import { ingestTest as test } from "../../support/ingest-test.ts";

const T = Date.parse("2026-03-01T08:00:00Z");

test("several tags that were read in one millisecond and arrive late are all stored", async ({ rig, world }) => {
  const id = await world.device("gate-late", "rfid");
  const epcs = ["3174257BF4499602D2000001", "3174257BF4499602D2000002", "3174257BF4499602D2000003"];
  await rig.publish(`devices/${id}/rfid`, { ts: T, epc: epcs[0] });
  await rig.settled();
  await rig.publish(
    `devices/${id}/rfid`,
    epcs.map((epc) => ({ ts: T - 60_000, epc })),
  );
  await rig.settled();
  expect(await world.quality(id)).toMatchObject({ stored: 4, late: 3, quarantined: 0 });
});
