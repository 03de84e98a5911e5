import { describe, expect, test } from "vitest";
import type { NewFact } from "../../../ingest/domain/fact.ts";
import { foldShipment } from "../../../ingest/domain/shipment/shipment.ts";
import { foldUnitDwells } from "../../../ingest/domain/stock/unit-dwell.ts";
import { tagPresenceRule } from "../../../ingest/signals/tag-presence.ts";
import { dwellEndFact } from "../../../ingest/signals/tag-dwell.ts";
import { createNoise } from "../signals/noise.ts";
import { created, HUB, loaded, places, SHOP, truck, VILLAGE } from "./shipment-facts.ts";

const MINUTE = 60_000;
/** dBm. Strong: under the antenna; weak: through the wall from the next hall. */
const [STRONG, WEAK] = [-50, -71];

interface Spell {
  /** minutes */
  from: number;
  to: number;
  dbm: number;
}

/** The facts of one reader that reads a tag every few seconds during some spells, and the end of its last dwell. */
function readAt(locationId: number, seed: number, ...spells: readonly Spell[]): NewFact[] {
  const { uniform, gaussian } = createNoise(seed);
  const readPoint = { locationId, antennas: {} };
  const context = { deviceId: `reader-${locationId}`, tag: "x", readPointAt: () => readPoint };
  let state = tagPresenceRule.initial;
  const facts: NewFact[] = [];
  for (const { from, to, dbm } of spells) {
    for (let ts = from * MINUTE; ts < to * MINUTE; ts += 2_000 + Math.floor(uniform() * 4_000)) {
      const rssi = Math.round((dbm + gaussian() * 1.5) * 10) / 10;
      const step = tagPresenceRule.step(state, { ts, seq: -1, antenna: 1, rssi }, context);
      state = step.state;
      facts.push(...step.facts);
    }
  }
  const end = dwellEndFact(state, context);
  return end ? [...facts, end] : facts;
}

/** Where the shipment was after each change, and where a unit with the same tag was, in minutes. */
function dwellsOf(...facts: readonly NewFact[][]): { shipment: unknown; unit: unknown } {
  const history = [created, ...facts.flat()];
  const minutes = (ms: number | null) => (ms === null ? null : Math.floor(ms / MINUTE));
  const moves: [minute: number | null, locationId: number | null][] = [];
  for (const { fact, state } of foldShipment(history, { destinationId: SHOP, places })?.events ?? []) {
    if (moves.at(-1)?.[1] !== state.locationId) moves.push([minutes(fact.at), state.locationId]);
  }
  const stays = foldUnitDwells(facts.flat()).map(({ locationId, from, to }) => [
    locationId,
    minutes(from),
    minutes(to),
  ]);
  return { shipment: moves, unit: stays };
}

describe.each([1, 2, 3])("a tag between two read points, %i", (seed) => {
  const hub = (...spells: Spell[]) => readAt(HUB, seed, ...spells);
  const village = (...spells: Spell[]) => readAt(VILLAGE, seed + 100, ...spells);

  test("stays where it is read strongly, however often the other read point cross-reads it", () => {
    const weakly = [3, 8, 20].map((from) => ({ from, to: from + 3, dbm: WEAK }));
    expect(dwellsOf(hub({ from: 1, to: 30, dbm: STRONG }), village(...weakly))).toEqual({
      shipment: [[0, HUB]],
      unit: [[HUB, 1, 30]],
    });
  });

  test("moves to a place where it is read as strongly", () => {
    expect(dwellsOf(hub({ from: 1, to: 10, dbm: STRONG }), village({ from: 10, to: 20, dbm: STRONG }))).toEqual({
      shipment: [
        [0, HUB],
        [10, VILLAGE],
      ],
      unit: [
        [HUB, 1, 10],
        [VILLAGE, 10, 20],
      ],
    });
  });

  test("moves to the place of the weak reads once the strong ones end", () => {
    const { shipment, unit } = dwellsOf(hub({ from: 1, to: 10, dbm: STRONG }), village({ from: 5, to: 30, dbm: WEAK }));
    expect(shipment).toEqual([
      [0, HUB],
      [10, VILLAGE],
    ]);
    expect(unit).toEqual([
      [HUB, 1, 10],
      [VILLAGE, 10, 30],
    ]);
  });

  test("moves to a place of weak reads when no other read point reads it", () => {
    expect(dwellsOf(village({ from: 5, to: 10, dbm: WEAK })).shipment).toEqual([
      [0, HUB],
      [5, VILLAGE],
    ]);
  });

  test("does not follow cross-reads after its vehicle has departed", () => {
    const departed = [loaded, truck(11, "departed", HUB)];
    const reads = [hub({ from: 1, to: 11, dbm: STRONG }), village({ from: 9, to: 15, dbm: WEAK })];
    expect(dwellsOf(departed, ...reads).shipment).toEqual([
      [0, HUB],
      [11, null],
    ]);
  });
});
