import fc from "fast-check";
import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import { decide } from "../../../ingest/decisions/decide.ts";
import type { FactChanges } from "../../../ingest/decisions/fact-changes.ts";
import { inTransaction, recordFacts } from "../../../ingest/decisions/record-facts.ts";
import { type CustodyContent, milestonesOf } from "../../../ingest/domain/custody/milestones.ts";
import type { NewFact } from "../../../ingest/domain/fact.ts";
import { foldShipment } from "../../../ingest/domain/shipment/shipment.ts";
import { loadPlaces } from "../../../ingest/stores/queries/places.ts";
import { runWrites } from "../../../ingest/stores/statement.ts";
import { createDatabase, type TestDatabase } from "../../support/postgres.ts";
import { worldIn } from "../../support/world.ts";
import { type Act, type Cast, castNew, minute, type Name, type Places, SCENARIO } from "./correction-scenario.ts";
import "../../support/property-seed.ts";

const RUNS = process.env["LONG"] === "1" ? 2_000 : 30;

let db: TestDatabase;
let places: Places;
beforeAll(async () => {
  db = await createDatabase();
  const world = worldIn(db.pool);
  const fence = (lat: number) => ({ lat, lon: 11.5, radius_m: 300 });
  places = {
    hub: await world.location("hub", "storage", fence(48.1)),
    other: await world.location("other", "storage", fence(48.2)),
    shop: await world.location("shop", "delivery", fence(48.3)),
  };
});
afterAll(() => db?.drop());

/** What is known of a fact so far. */
interface Known {
  fact: NewFact;
  isVoid: boolean;
  isRetracted: boolean;
}

async function commit(changes: FactChanges): Promise<void> {
  await inTransaction(db.pool, async (client) => {
    await runWrites(client, (await decide(client, changes, await loadPlaces(client))).writes);
  });
}

async function act(what: Act, name: Name, { shipment, facts }: Cast, known: Map<Name, Known>): Promise<void> {
  const fact = known.get(name)?.fact ?? facts[name]!;
  const before = known.get(name) ?? { fact, isVoid: false, isRetracted: false };
  const { key, subject, at } = fact;
  switch (what) {
    case "add":
      await commit({ added: [fact], withdrawn: [] });
      return void known.set(name, { ...before, isRetracted: false });
    case "revise": {
      const revised = { ...fact, at: at + 30_000 };
      await commit({ added: [revised], withdrawn: [] });
      return void known.set(name, { ...before, fact: revised, isRetracted: false });
    }
    case "move": {
      const moved = { ...fact, at: at + 20_000, key: `${key} moved` };
      await commit({ added: [moved], withdrawn: [{ key, subject, at }] });
      return void known.set(name, { ...before, fact: moved });
    }
    case "retract":
      await commit({ added: [], withdrawn: [{ key, subject, at }] });
      return void known.set(name, { ...before, isRetracted: true });
    default:
      await say(what, shipment, before);
      return void known.set(name, { ...before, isVoid: what === "void" });
  }
}

/** As the API does it. */
function say(what: "void" | "restore", shipmentId: number, { fact, isRetracted }: Known): Promise<void> {
  return inTransaction(db.pool, async (client) => {
    const { rows } = await client.query<{ id: number; voided_by: number | null }>(
      "SELECT id, voided_by FROM facts WHERE key = $1",
      [fact.key],
    );
    const voided = await client.query<{ key: string }>("SELECT key FROM facts WHERE voided_by = $1", [
      rows[0]!.voided_by,
    ]);
    const by = `void:${randomUUID()}`;
    const data = { factId: rows[0]!.id, reason: "wrong", shipmentId, isRestored: what === "restore" };
    const { key, subject, at } = fact;
    await recordFacts(client, {
      facts: [
        {
          key: by,
          subject: `fact:${data.factId}`,
          at: minute(100),
          type: "void",
          data,
          rule: "person",
          evidence: [],
          confidence: 1,
        },
      ],
      refold: [subject],
      voids:
        what === "void"
          ? { voided: [{ key, subject, at, by, reason: "wrong" }], because: "void: wrong" }
          : {
              restored: voided.rows.map((row) => ({ ...row, fact: isRetracted || row.key !== key ? undefined : fact })),
              because: "restored: wrong",
            },
    });
  });
}

/** What the fold of the facts that stand says. */
async function truthOf({ shipment }: Cast, known: Map<Name, Known>) {
  const { rows } = await db.pool.query<{ key: string; at: Date }>(
    "SELECT key, at FROM facts WHERE subject = $1 AND type = 'created'",
    [`shipment:${shipment}`],
  );
  const created = {
    key: rows[0]!.key,
    subject: `shipment:${shipment}`,
    at: rows[0]!.at.getTime(),
    type: "created",
    data: { stage: "storage", locationId: places.hub },
    rule: "person",
    evidence: [],
    confidence: 1,
  } as NewFact;
  const holds = ({ isVoid, isRetracted }: Known) => !isVoid && !isRetracted;
  // A vehicle bears on the shipment when it is known to have carried it.
  const isAboard = known.has("rightTruck");
  const standing = [...known.values()].filter(
    (each) => holds(each) && (isAboard || !each.fact.subject.startsWith("vehicle:")),
  );
  const folded = foldShipment([created, ...standing.map(({ fact }) => fact)], {
    destinationId: places.shop,
    places: await loadPlaces(db.pool),
  })!;
  return { state: folded.state, told: milestonesOf(folded).map(({ content }) => toldOf(content)) };
}

const toldOf = ({ event, at, status, stage, from, to, received_by, outcome }: CustodyContent) => ({
  event,
  at,
  status,
  stage,
  from,
  to,
  received_by,
  outcome,
});

/** What somebody believes who has received every row of the outbox, in order. */
async function receivedFrom(shipment: number) {
  const { rows } = await db.pool.query<{
    event: string;
    kind: string;
    first: number;
    position: number;
    content: CustodyContent;
  }>(
    `SELECT o.event, e.kind, e.first_position AS first, e.position, e.content
    FROM outbox o JOIN custody_entries e ON (e.shipment_id, e.position) = (o.shipment_id, o.custody_position)
    WHERE o.shipment_id = $1 ORDER BY o.id`,
    [shipment],
  );
  const believed = new Map<number, CustodyContent>();
  const known = new Set<number>();
  for (const { event, kind, first, position, content } of rows) {
    expect(event === "shipment.corrected").toBe(kind !== "recorded");
    // A correction names what was received before.
    expect(known.has(first)).toBe(kind !== "recorded");
    known.add(position);
    if (kind === "withdrawn") believed.delete(first);
    else believed.set(first, content);
  }
  return [...believed.values()].map(toldOf);
}

const inAnyOrder = (told: readonly object[]): string[] => told.map((each) => JSON.stringify(each)).toSorted();

/** Any order of the acts in which those of one fact stay in theirs. */
const orders = fc
  .shuffledSubarray(
    Object.entries(SCENARIO).flatMap(([name, acts]) => acts.map(() => name)),
    { minLength: Object.values(SCENARIO).flat().length },
  )
  .map((names) => {
    const done = new Map<Name, number>();
    return names.map((name) => {
      const at = done.get(name) ?? 0;
      done.set(name, at + 1);
      return { name, what: SCENARIO[name]![at]! };
    });
  });

test(
  "a voided fact, a late fact and a human override in any order end in the same timeline; nothing sent before is left uncorrected in the outbox",
  { timeout: 900_000 },
  async () => {
    const ends = new Set<string>();
    await fc.assert(
      fc.asyncProperty(orders, async (acts) => {
        const cast = await castNew(db.pool, places);
        const known = new Map<Name, Known>();
        for (const { name, what } of acts) {
          await act(what, name, cast, known);
          const truth = await truthOf(cast, known);
          expect(inAnyOrder(await receivedFrom(cast.shipment)), `${what} ${name}`).toEqual(inAnyOrder(truth.told));
        }
        const { state, told } = await truthOf(cast, known);
        expect(await worldIn(db.pool).shipmentRow(cast.shipment)).toMatchObject({
          status: state.status,
          stage: state.stage,
          location_id: state.locationId,
        });
        // The vehicles of each run are others.
        ends.add(JSON.stringify(told).replace(/"vehicle_id":\d+/g, '"vehicle_id":1'));
      }),
      { numRuns: RUNS },
    );
    expect(ends.size).toBe(1);
  },
);
