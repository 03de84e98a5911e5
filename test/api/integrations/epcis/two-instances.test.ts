import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { EpcisEvent } from "../../../../ingest/domain/epcis/event.ts";
import { worldIn } from "../../../support/world.ts";
import { type Partner, startPartner } from "./epcis-partner.ts";

const PREFIX = "4012345";
const GLNS = { plant: "4012345000009", hub: "4012345000016", shop: "4012345000023" };
const PLACES = [
  ["plant", "production"],
  ["hub", "storage"],
  ["shop", "delivery"],
] as const;

const START = Date.parse("2026-03-01T08:00:00Z");
const iso = (minute: number) => new Date(START + minute * 60_000).toISOString();

let ours: Partner;
let theirs: Partner;
const places = new Map<Partner, Record<string, number>>();
let truck: number;

beforeAll(async () => {
  ours = await startPartner("http://ours.test", PREFIX);
  theirs = await startPartner("http://theirs.test");
  for (const partner of [ours, theirs]) {
    const world = worldIn(partner.db.pool);
    const ids: Record<string, number> = {};
    for (const [name, stage] of PLACES) {
      ids[name] = await world.location(name, stage);
      await partner.db.pool.query("UPDATE locations SET gln = $2, time_zone = 'Europe/Berlin' WHERE id = $1", [
        ids[name],
        GLNS[name],
      ]);
    }
    places.set(partner, ids);
  }
  truck = await worldIn(ours.db.pool).vehicle("truck");
});
afterAll(async () => {
  await ours?.close();
  await theirs?.close();
});

interface Step {
  minute: number;
  what: "load" | "unload" | "proof" | "status" | "place" | "void";
  place: keyof typeof GLNS;
  status: string;
  nr: number;
}

const step = fc.record<Step>({
  minute: fc.integer({ min: 1, max: 500 }),
  what: fc.constantFrom("load", "unload", "unload", "proof", "status", "place", "void"),
  place: fc.constantFrom("plant", "hub", "shop"),
  status: fc.constantFrom("in_transit", "out_for_delivery", "returned", "exception", "cancelled", "delivered"),
  nr: fc.nat(20),
});

/** A shipment to which people do things, told in any order. What is not allowed is refused, and changes nothing. */
async function happens(steps: readonly Step[], hasDestination: boolean): Promise<number> {
  const operator = await ours.as("manager");
  const ids = places.get(ours)!;
  const made = await operator("POST /shipments", {
    product_name: "Milk",
    quantity: 5,
    location: ids.plant,
    ...(hasDestination && { destination_id: ids.shop }),
    at: iso(0),
  });
  const path = `/shipments/${String(made.body["id"])}`;
  for (const { minute, what, place, status, nr } of steps) {
    const at = iso(minute);
    if (what === "load") await operator(`POST ${path}/load`, { vehicle_id: truck, at });
    if (what === "unload") await operator(`POST ${path}/unload`, { location_id: ids[place], at });
    if (what === "proof") await operator(`POST ${path}/proof-of-delivery`, { name: "Ann", at });
    if (what === "status") await operator(`PUT ${path}`, { status });
    if (what === "place") await operator(`PUT ${path}`, { location: ids[place] });
    if (what === "void") {
      const events = (await operator(`GET ${path}/events`)).body as unknown as { id: number }[];
      await operator(`POST ${path}/events/${events[nr % events.length]!.id}/void`, { reason: "wrong" });
    }
    if (nr % 3 === 0) await ours.tell();
  }
  await ours.tell();
  return Number(made.body["id"]);
}

/** Where shipments stand, by what both sides call them. */
async function standing(partner: Partner, trackingNumber: string) {
  const { rows } = await partner.db.pool.query(
    `SELECT s.status, s.stage, l.gln, (SELECT gln FROM locations WHERE id = s.destination_id) AS destination, s.product_name, s.quantity
    FROM shipments s LEFT JOIN locations l ON l.id = s.location_id WHERE tracking_number = $1`,
    [trackingNumber],
  );
  return rows;
}

async function trackingNumber(id: number): Promise<string> {
  const { rows } = await ours.db.pool.query<{ t: string }>("SELECT tracking_number AS t FROM shipments WHERE id = $1", [
    id,
  ]);
  return rows[0]!.t;
}

const about = (events: readonly EpcisEvent[], number: string): EpcisEvent[] =>
  events.filter((event) => JSON.stringify(event).includes(`/00/${number}`));

test(
  "everything told of a shipment is valid EPCIS, and a second instance that captures it in any order reaches the same stage, status and place",
  { timeout: 120_000 },
  async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { maxLength: 8 }),
        fc.boolean(),
        fc.array(fc.nat(1000), { minLength: 60, maxLength: 60 }),
        async (steps, hasDestination, order) => {
          const id = await happens(steps, hasDestination);
          const number = await trackingNumber(id);
          const told = about(await ours.told(), number);
          const shuffled = told
            .map((event, at) => ({ event, rank: order[at % 60]! }))
            .toSorted((a, b) => a.rank - b.rank);
          for (const { event } of shuffled) await theirs.capture([event]);
          expect(await standing(ours, number)).toHaveLength(1);
          expect(await standing(theirs, number)).toEqual(await standing(ours, number));
        },
      ),
      { numRuns: Number(process.env["RUNS"] ?? 12), seed: 4711 },
    );
  },
);

test("what is captured again changes nothing, and is not told again", async () => {
  const id = await happens([], true);
  const number = await trackingNumber(id);
  const told = about(await ours.told(), number);
  await theirs.capture(told);
  const facts = async () => (await theirs.db.pool.query("SELECT count(*) FROM facts")).rows;
  const before = await facts();
  await theirs.capture(told);
  await theirs.tell();
  expect(await facts()).toEqual(before);
  expect(about(await theirs.told(), number)).toEqual([]);
});
