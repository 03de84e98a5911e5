import { chmod, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { connectInflux } from "../../infra/influx/connection.ts";
import { findInfluxd, type Influxd, startInfluxd } from "../../infra/influx/influxd.ts";
import type { InfluxClient } from "../../ingest/stores/influx/influx-client.ts";
import { derivedState, allTimersFired } from "../support/derived-state.ts";
import { type IngestRig, quiet, startIngestRig } from "../support/ingest.ts";
import { createDatabase, type TestDatabase } from "../support/postgres.ts";
import { requires } from "../support/requires.ts";
import { type DayMessage, seededRandom, createSampleDay } from "../support/sample-day.ts";
import { worldIn } from "../support/world.ts";

/** One database with its ingest: one gets each day in the order of measurement, the other in another order. */
interface TestNode {
  db: TestDatabase;
  rig: IngestRig;
}

async function start(influx?: InfluxClient): Promise<TestNode> {
  const db = await createDatabase();
  return { db, rig: await startIngestRig(db.pool, influx) };
}

async function close({ db, rig }: TestNode): Promise<void> {
  await rig.close();
  await db.drop();
}

const START = Date.parse("2026-03-01T06:00:00Z");

/** In both, a message arrives one second after its newest reading was measured. */
const receiptOf = (readings: readonly DayMessage["reading"][]) => Math.max(...readings.map(({ ts }) => ts)) + 1000;

async function publishAll(rig: IngestRig, messages: readonly DayMessage[]): Promise<void> {
  for (let i = 0; i < messages.length; i += 200) {
    const batch = messages.slice(i, i + 200);
    await Promise.all(batch.map(({ topic, reading }) => rig.publish(topic, reading, receiptOf([reading]))));
  }
  await rig.settled();
}

/** Random order, one message in ten twice. */
function shuffled(messages: readonly DayMessage[], random: () => number): DayMessage[] {
  const repeated = messages.filter(() => random() < 0.1);
  return [...messages, ...repeated]
    .map((message) => ({ message, place: random() }))
    .sort((a, b) => a.place - b.place)
    .map(({ message }) => message);
}

/** As from devices that were out of reach: hours of readings in one piece, the newest piece first. */
function piecesNewestFirst(messages: readonly DayMessage[], random: () => number): DayMessage[] {
  const pieces: DayMessage[][] = [];
  for (let i = 0; i < messages.length;) {
    const size = 50 + Math.floor(random() * 400);
    pieces.push(messages.slice(i, i + size));
    i += size;
  }
  return pieces.reverse().flat();
}

/** Live, but every second device is silent for a while and sends everything at the end. */
function someDevicesLater(messages: readonly DayMessage[], random: () => number): DayMessage[] {
  const held = new Set(messages.map(({ topic }) => topic).filter((_, i) => i % 2 === 0));
  const from = messages.length * (0.2 + 0.2 * random());
  const isHeld = ({ topic }: DayMessage, i: number) => held.has(topic) && i >= from && i < from * 2;
  return [...messages.filter((m, i) => !isHeld(m, i)), ...messages.filter(isHeld)];
}

const ORDERS = [
  ["shuffled, one in ten twice", 1, shuffled],
  ["in pieces, the newest first", 2, piecesNewestFirst],
  ["hours of some devices at the end", 3, someDevicesLater],
] as const;

/** Publishes one day to both and compares everything that is derived. */
async function feedBoth(
  inOrder: TestNode,
  disordered: TestNode,
  name: number,
  arrange: (messages: readonly DayMessage[], random: () => number) => DayMessage[],
): Promise<void> {
  const plan = { name, seed: 10 + name, start: START, hours: 3 };
  const { messages } = await createSampleDay(worldIn(inOrder.db.pool), plan);
  const { messages: same, shipments } = await createSampleDay(worldIn(disordered.db.pool), plan);
  expect(same).toEqual(messages);
  await publishAll(inOrder.rig, messages);
  await publishAll(disordered.rig, arrange(same, seededRandom(name)));
  await allTimersFired(inOrder.db.pool);
  await allTimersFired(disordered.db.pool);
  const [expected, actual] = [await derivedState(inOrder.db.pool), await derivedState(disordered.db.pool)];
  expect(expected["facts"]!.length).toBeGreaterThan(30);
  expect(expected["shipments"]!.length).toBeGreaterThanOrEqual(shipments.length);
  for (const [part, rows] of Object.entries(expected)) {
    const wrong = actual[part]!.filter((row) => !rows.includes(row));
    const missing = rows.filter((row) => !actual[part]!.includes(row));
    expect({ part, wrong, missing }).toEqual({ part, wrong: [], missing: [] });
  }
  const { rows } = await disordered.db.pool.query(
    "SELECT count(*) AS late FROM facts WHERE late AND withdrawn_at IS NULL",
  );
  expect(rows[0].late).toBeGreaterThan(0);
}

describe("readings in any order, with the series in Postgres", () => {
  let inOrder: TestNode;
  let disordered: TestNode;
  beforeAll(async () => {
    inOrder = await start();
    disordered = await start();
  });
  afterAll(async () => {
    await close(inOrder);
    await close(disordered);
  });

  test.each(ORDERS)("%s: the same facts and state, byte for byte", (_, name, arrange) =>
    feedBoth(inOrder, disordered, name, arrange),
  );
});

describe.skipIf(requires("influxd") === undefined)("readings in any order, with the series in InfluxDB", () => {
  let folder: string;
  let influxd: Influxd;
  let inOrder: TestNode;
  let disordered: TestNode;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "waystock-order-"));
    await chmod(folder, 0o755);
    influxd = await startInfluxd((await findInfluxd())!, folder, quiet);
    inOrder = await start();
    disordered = await start(await connectInflux({ url: influxd.url, api: "auto", bucket: "order" }));
  });
  afterAll(async () => {
    await close(inOrder);
    await close(disordered);
    await influxd.close();
    await rm(folder, { recursive: true, force: true });
  });

  test.each(ORDERS)("%s: the same facts and state, byte for byte", (_, name, arrange) =>
    feedBoth(inOrder, disordered, name, arrange),
  );
});
