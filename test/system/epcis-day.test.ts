import { afterAll, beforeAll, expect, test } from "vitest";
import type { EpcisEvent } from "../../ingest/domain/epcis/event.ts";
import { type Partner, startPartner } from "../api/integrations/epcis/epcis-partner.ts";
import { type IngestRig, startIngestRig } from "../support/ingest.ts";
import { createSampleDay, type DayMessage, seededRandom } from "../support/sample-day.ts";
import { worldIn } from "../support/world.ts";

const START = Date.parse("2026-03-01T06:00:00Z");
const GLNS = { "plant 1": "4012345000009", "shop 1": "4012345000016" };

let ours: Partner;
let theirs: Partner;
let rig: IngestRig;
beforeAll(async () => {
  ours = await startPartner("http://ours.test");
  theirs = await startPartner("http://theirs.test");
  rig = await startIngestRig(ours.db.pool);
});
afterAll(async () => {
  await rig?.close();
  await ours?.close();
  await theirs?.close();
});

/** Devices of which every second was out of reach for hours: what follows from them corrects what was told. */
function late(messages: readonly DayMessage[]): DayMessage[] {
  const held = new Set(messages.map(({ topic }) => topic).filter((_, at) => at % 2 === 0));
  const isHeld = ({ topic }: DayMessage, at: number) =>
    held.has(topic) && at >= messages.length * 0.3 && at < messages.length * 0.6;
  return [...messages.filter((each, at) => !isHeld(each, at)), ...messages.filter(isHeld)];
}

test(
  "a day of trucks, gates and scanners, of which a part comes hours late, is captured by a second instance, which reaches the same stages and statuses",
  { timeout: 300_000 },
  async () => {
    const { messages, shipments } = await createSampleDay(worldIn(ours.db.pool), {
      name: 1,
      seed: 11,
      start: START,
      hours: 3,
    });
    const there = worldIn(theirs.db.pool);
    await there.location("plant of a partner", "storage");
    await there.location("shop of a partner", "delivery");
    for (const [partner, names] of [
      [ours, Object.keys(GLNS)],
      [theirs, ["plant of a partner", "shop of a partner"]],
    ] as const) {
      for (const [at, gln] of Object.values(GLNS).entries())
        await partner.db.pool.query("UPDATE locations SET gln = $2 WHERE name = $1", [names[at], gln]);
    }

    const arriving = late(messages);
    for (let from = 0; from < arriving.length; from += 500) {
      const batch = arriving.slice(from, from + 500);
      await Promise.all(batch.map(({ topic, reading }) => rig.publish(topic, reading, reading.ts + 1000)));
      // It tells as it goes, so that what comes late corrects what has left the house.
      await rig.settled();
      await ours.tell();
    }
    const told = await ours.told();
    const steps = new Set(told.map(({ bizStep }) => bizStep));
    for (const step of ["commissioning", "loading", "departing", "arriving", "entering_exiting", "cycle_counting"])
      expect(steps).toContain(step);
    expect(told.filter(({ errorDeclaration }) => errorDeclaration !== undefined).length).toBeGreaterThan(0);
    const ids = told.filter(({ errorDeclaration }) => errorDeclaration === undefined).map(({ eventID }) => eventID);
    expect(new Set(ids).size).toBe(ids.length);

    const random = seededRandom(5);
    const shuffled = told.map((event): [number, EpcisEvent] => [random(), event]).toSorted(([a], [b]) => a - b);
    for (let from = 0; from < shuffled.length; from += 100)
      await theirs.capture(shuffled.slice(from, from + 100).map(([, event]) => event));

    for (const id of shipments) {
      const { rows: here } = await ours.db.pool.query(
        "SELECT s.status, s.stage, l.gln FROM shipments s LEFT JOIN locations l ON l.id = s.location_id WHERE s.id = $1",
        [id],
      );
      const { rows: copy } = await theirs.db.pool.query(
        `SELECT s.status, s.stage, l.gln FROM epcis_shipments e JOIN shipments s ON s.id = e.shipment_id
        LEFT JOIN locations l ON l.id = s.location_id WHERE e.thing = $1`,
        [`http://ours.test/shipments/${id}`],
      );
      expect(copy).toEqual(here);
    }
  },
);
