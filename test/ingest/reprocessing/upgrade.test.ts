import { afterAll, beforeAll, expect, test } from "vitest";
import { derivedState, allTimersFired } from "../../support/derived-state.ts";
import { type IngestRig, startIngestRig } from "../../support/ingest.ts";
import { createDatabase, type TestDatabase } from "../../support/postgres.ts";
import { type DayMessage, createSampleDay } from "../../support/sample-day.ts";
import { worldIn } from "../../support/world.ts";

interface TestNode {
  db: TestDatabase;
  rig: IngestRig;
}

let upgraded: TestNode;
let oracle: TestNode;

beforeAll(async () => {
  const [one, other] = [await createDatabase(), await createDatabase()];
  upgraded = { db: one, rig: await startIngestRig(one.pool) };
  oracle = { db: other, rig: await startIngestRig(other.pool) };
});
afterAll(async () => {
  for (const { db, rig } of [upgraded, oracle]) {
    await rig.close();
    await db.drop();
  }
});

const START = Date.parse("2026-03-01T06:00:00Z");

async function publishAll({ rig, db }: TestNode, messages: readonly DayMessage[]): Promise<void> {
  await Promise.all(messages.map(({ topic, reading }) => rig.publish(topic, reading, reading.ts + 1000)));
  await rig.settled();
  await allTimersFired(db.pool);
}

/** As left by a release whose rules have other states, before any timer has fired. */
async function writeForeignState({ db: { pool } }: TestNode): Promise<void> {
  const foreign = `{"version": 0, "base": {"what": "ever"}, "newestInBase": null, "start": null, "samples": {}}`;
  for (const kind of ["gps", "scale"]) {
    await pool.query(
      `UPDATE device_states SET signal = (signal::jsonb || jsonb_build_object($1::text, $2::jsonb))::text WHERE signal::jsonb ? $1`,
      [kind, foreign],
    );
  }
  await pool.query("UPDATE tag_states SET signal = $1, end_reported = false", [foreign]);
  await pool.query(
    "INSERT INTO timers (rule, subject, fires_at) SELECT 'tag-presence', device_id || ' ' || epc, now() FROM tag_states",
  );
  await pool.query(`UPDATE signal_checkpoints SET state_version = 0, state = '{"what": "ever"}'`);
}

test(
  "state of a release with other rules is not misread: it is derived again from the readings",
  { timeout: 90_000 },
  async () => {
    const plan = { name: 1, seed: 3, start: START, hours: 3 };
    const { messages } = await createSampleDay(worldIn(upgraded.db.pool), plan);
    expect((await createSampleDay(worldIn(oracle.db.pool), plan)).messages).toEqual(messages);
    const upgrade = Math.floor(messages.length * 0.6);
    await publishAll(upgraded, messages.slice(0, upgrade));
    await upgraded.rig.whileStopped(() => writeForeignState(upgraded));
    await publishAll(upgraded, messages.slice(upgrade));
    await publishAll(oracle, messages);
    expect(await derivedState(upgraded.db.pool)).toEqual(await derivedState(oracle.db.pool));
  },
);
