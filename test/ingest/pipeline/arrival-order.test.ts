import { chmod, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { connectInflux } from "../../../infra/influx/connection.ts";
import { findInfluxd, type Influxd, startInfluxd } from "../../../infra/influx/influxd.ts";
import type { InfluxClient } from "../../../ingest/stores/influx/influx-client.ts";
import { derivedState, silencesTold } from "../../support/derived-state.ts";
import { type IngestRig, quiet, startIngestRig } from "../../support/ingest.ts";
import { createDatabase, type TestDatabase } from "../../support/postgres.ts";
import { requires } from "../../support/requires.ts";
import { type DayMessage, seeded, workingDay } from "../../support/sample-day.ts";
import { worldIn } from "../../support/world.ts";

/** The same days told in two databases: in the order of measurement, and in any other. */
interface Told {
  db: TestDatabase;
  rig: IngestRig;
}

async function start(influx?: InfluxClient): Promise<Told> {
  const db = await createDatabase();
  return { db, rig: await startIngestRig(db.pool, influx) };
}

async function end({ db, rig }: Told): Promise<void> {
  await rig.close();
  await db.drop();
}

const START = Date.parse("2026-03-01T06:00:00Z");

/** A message arrives a second after its newest reading was measured, in both tellings. */
const receiptOf = (readings: readonly DayMessage["reading"][]) => Math.max(...readings.map(({ ts }) => ts)) + 1000;

async function tell(rig: IngestRig, messages: readonly DayMessage[]): Promise<void> {
  for (let i = 0; i < messages.length; i += 200) {
    const stretch = messages.slice(i, i + 200);
    await Promise.all(stretch.map(({ topic, reading }) => rig.publish(topic, reading, receiptOf([reading]))));
  }
  await rig.settled();
}

/** Any order at all, one in ten twice. */
function shuffled(messages: readonly DayMessage[], random: () => number): DayMessage[] {
  const repeated = messages.filter(() => random() < 0.1);
  return [...messages, ...repeated]
    .map((message) => ({ message, place: random() }))
    .sort((a, b) => a.place - b.place)
    .map(({ message }) => message);
}

/** As devices do that were out of reach: hours of readings in one piece, the newest first. */
function inPiecesBackwards(messages: readonly DayMessage[], random: () => number): DayMessage[] {
  const pieces: DayMessage[][] = [];
  for (let i = 0; i < messages.length;) {
    const size = 50 + Math.floor(random() * 400);
    pieces.push(messages.slice(i, i + size));
    i += size;
  }
  return pieces.reverse().flat();
}

/** Live, with one device in two silent for a while and telling it all afterwards. */
function someMuchLater(messages: readonly DayMessage[], random: () => number): DayMessage[] {
  const held = new Set(messages.map(({ topic }) => topic).filter((_, i) => i % 2 === 0));
  const from = messages.length * (0.2 + 0.2 * random());
  const isHeld = ({ topic }: DayMessage, i: number) => held.has(topic) && i >= from && i < from * 2;
  return [...messages.filter((m, i) => !isHeld(m, i)), ...messages.filter(isHeld)];
}

const ORDERS = [
  ["shuffled, one in ten twice", 1, shuffled],
  ["in pieces, the newest first", 2, inPiecesBackwards],
  ["hours of some devices at the end", 3, someMuchLater],
] as const;

/** Tells one day in both and compares everything that is derived. */
async function tellBoth(
  inOrder: Told,
  disordered: Told,
  name: number,
  arrange: (messages: readonly DayMessage[], random: () => number) => DayMessage[],
): Promise<void> {
  const plan = { name, seed: 10 + name, start: START, hours: 3 };
  const { messages } = await workingDay(worldIn(inOrder.db.pool), plan);
  const { messages: same, shipments } = await workingDay(worldIn(disordered.db.pool), plan);
  expect(same).toEqual(messages);
  await tell(inOrder.rig, messages);
  await tell(disordered.rig, arrange(same, seeded(name)));
  await silencesTold(inOrder.db.pool);
  await silencesTold(disordered.db.pool);
  const [truth, told] = [await derivedState(inOrder.db.pool), await derivedState(disordered.db.pool)];
  expect(truth["facts"]!.length).toBeGreaterThan(30);
  expect(truth["shipments"]!.length).toBeGreaterThanOrEqual(shipments.length);
  for (const [part, rows] of Object.entries(truth)) {
    const wrong = told[part]!.filter((row) => !rows.includes(row));
    const missing = rows.filter((row) => !told[part]!.includes(row));
    expect({ part, wrong, missing }).toEqual({ part, wrong: [], missing: [] });
  }
  const { rows } = await disordered.db.pool.query(
    "SELECT count(*) AS late FROM facts WHERE late AND withdrawn_at IS NULL",
  );
  expect(rows[0].late).toBeGreaterThan(0);
}

describe("any arrival order ends in the same facts and state, byte for byte", () => {
  let inOrder: Told;
  let disordered: Told;
  beforeAll(async () => {
    inOrder = await start();
    disordered = await start();
  });
  afterAll(async () => {
    await end(inOrder);
    await end(disordered);
  });

  test.each(ORDERS)("%s", (_, name, arrange) => tellBoth(inOrder, disordered, name, arrange));
});

describe.skipIf(requires("influxd") === undefined)("… also where InfluxDB holds the series", () => {
  let folder: string;
  let influxd: Influxd;
  let inOrder: Told;
  let disordered: Told;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "waystock-order-"));
    await chmod(folder, 0o755);
    influxd = await startInfluxd((await findInfluxd())!, folder, quiet);
    inOrder = await start();
    disordered = await start(await connectInflux({ url: influxd.url, api: "auto", bucket: "order" }));
  });
  afterAll(async () => {
    await end(inOrder);
    await end(disordered);
    await influxd.close();
    await rm(folder, { recursive: true, force: true });
  });

  test.each(ORDERS)("%s", (_, name, arrange) => tellBoth(inOrder, disordered, name, arrange));
});
