import { expect } from "vitest";
import { ingestTest, twoTicks } from "../../support/ingest-test.ts";

/** A limit for a machine that is busy; far less than the silence of 30 s that ends such a pass where reads are made now. */
const EPC = "urn:epc:id:sscc:0614141.1000000001";
const MONTHS_AGO = Date.parse("2026-03-01T08:00:00Z");

const test = ingestTest.extend("gate", async ({ db, rig, world, n }) => {
  const hub = await world.location(`hub ${n}`, "storage");
  const gate = await world.device(`gate-${n}`, "rfid", { location_id: hub, antennas: { 1: "outside", 2: "inside" } });
  const epc = `${EPC.slice(0, -1)}${n}`;
  return {
    /** faint reads of a pallet that is parked near the gate, every 4 s; the last one was received so long ago */
    read: async (from: number, count: number, ageMs: number) => {
      const reads = Array.from({ length: count }, (_, i) => ({ ts: from + i * 4_000, epc, antenna: 1, rssi: -67 }));
      await rig.publish(`devices/${gate}/rfid`, reads, Date.now() - ageMs);
      await rig.settled();
    },
    /** the last reads of the passes that are over */
    passes: async () => {
      const { rows } = await db.pool.query<{ last: number }>(
        "SELECT split_part(key, ':' || $2 || ':', 2)::float8 AS last FROM facts WHERE subject = $1 AND withdrawn_at IS NULL ORDER BY at",
        [`tag:${epc}`, gate],
      );
      return rows.map(({ last }) => last);
    },
    /** when the pass is looked at again: so long after the last read was received */
    waitsMs: async () => {
      const { rows } = await db.pool.query<{ ms: number }>(
        `SELECT extract(epoch FROM fires_at - last_received_at)::float8 * 1000 AS ms
         FROM timers, device_states WHERE subject = $1 AND device_id = $2`,
        [`${gate} ${epc}`, gate],
      );
      return rows[0]?.ms;
    },
  };
});

test("of reads from a reader's memory a pass is over after 3 s, and what is read later takes its end back", async ({
  gate,
}) => {
  await gate.read(MONTHS_AGO, 2, 4_000);
  await expect.poll(gate.passes).toEqual([MONTHS_AGO + 4_000]);
  await gate.read(MONTHS_AGO + 8_000, 2, 4_000);
  await expect.poll(gate.passes).toEqual([MONTHS_AGO + 12_000]);
});

test("reads of the last minutes wait for seven times their usual silence", async ({ gate, rig }) => {
  await gate.read(Date.now() - 4 * 60_000, 2, 4_000);
  await twoTicks(rig, "timers");
  expect(await gate.passes()).toEqual([]);
  expect(await gate.waitsMs()).toBeCloseTo(7 * 4_000, -3);
});
