import { afterAll, beforeAll, expect, test } from "vitest";
import { setTimeout as sleep } from "node:timers/promises";
import { ensureDefaultLocations } from "../../api/resources/locations/default-locations.ts";
import { derivedState } from "../support/derived-state.ts";
import { type FaultRig, type Part, startFaultRig } from "../support/fault-rig.ts";
import { type IngestRig, startIngestRig } from "../support/ingest.ts";
import { createDatabase, type TestDatabase } from "../support/postgres.ts";
import { type DayMessage, seededRandom, createSampleDay } from "../support/sample-day.ts";
import { worldIn } from "../support/world.ts";

const long = process.env.LONG === "1";
const CYCLES = long ? 200 : 10;
const DAYS = long ? 30 : 2;
const HOURS = long ? 24 : 2;
const START = Date.parse("2026-03-01T06:00:00Z");

let faulty: FaultRig;
let oracle: { db: TestDatabase; rig: IngestRig };

beforeAll(async () => {
  const db = await createDatabase();
  // As the API of the other platform does at its first start: places have the same ids then.
  await ensureDefaultLocations(db.pool);
  oracle = { db, rig: await startIngestRig(db.pool) };
  faulty = await startFaultRig();
}, 60_000);
afterAll(async () => {
  await faulty.close();
  await oracle.rig.close();
  await oracle.db.drop();
}, 60_000);

/** The days of all worlds, interleaved as they happen. */
async function days(pool: TestDatabase["pool"]): Promise<DayMessage[]> {
  const all: DayMessage[] = [];
  for (let name = 1; name <= DAYS; name += 1) {
    const { messages } = await createSampleDay(worldIn(pool), { name, seed: name, start: START, hours: HOURS });
    all.push(...messages);
  }
  return all.sort((a, b) => a.reading.ts - b.reading.ts);
}

test(
  "SIGKILL under load: nothing acknowledged is lost or counted twice, and the state is the oracle's",
  async () => {
    const messages = await days(oracle.db.pool);
    expect(await days(faulty.pool)).toEqual(messages);
    const random = seededRandom(CYCLES);
    const parts: Part[] = ["broker", "ingest", "postgres", "broker", "ingest", "ingest", "broker"];
    const size = Math.ceil(messages.length / CYCLES);
    let publishing = Promise.resolve();
    for (let cycle = 0; cycle < CYCLES; cycle += 1) {
      // A stretch for every fault, so that the load lasts as long as the faults, however slow the machine.
      const stretch = messages.slice(cycle * size, (cycle + 1) * size);
      publishing = publishing.then(() => faulty.publish(stretch, { perSecond: size / 1.3 }));
      publishing.catch(() => undefined);
      await sleep(300 + 700 * random());
      await faulty.kill(cycle % 10 === 5 ? "supervisor" : parts[cycle % parts.length]!);
    }
    await publishing;
    expect(faulty.refused()).toEqual([]);
    expect(faulty.acknowledged()).toBe(messages.length);
    await faulty.stored(messages.length, long ? 120_000 : 60_000);

    for (let i = 0; i < messages.length; i += 500) {
      const stretch = messages.slice(i, i + 500);
      await Promise.all(stretch.map(({ topic, reading }) => oracle.rig.publish(topic, reading, reading.ts + 1000)));
    }
    await oracle.rig.settled();
    // What a clock makes known is said of the oracle's readers, and not yet of those that have just gone away.
    const compared = { withReceipt: false, withTimers: false };
    const truth = await derivedState(oracle.db.pool, compared);
    expect(await derivedState(faulty.pool, compared)).toEqual(truth);
    const { rows } = await faulty.pool.query<{ wrong: number; quarantined: number }>(
      "SELECT count(*) FILTER (WHERE received <> stored + duplicate + quarantined) AS wrong, sum(quarantined)::int AS quarantined FROM device_states",
    );
    expect(rows).toEqual([{ wrong: 0, quarantined: 0 }]);
  },
  long ? 1_800_000 : 180_000,
);
