import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createFenceIndex } from "../../../ingest/domain/geo/fence-index.ts";
import { type GpsSample, positionRule, type PositionState } from "../../../ingest/signals/position.ts";
import { emptyWindow, detect, type SignalWindow } from "../../../ingest/signals/window.ts";
import { packPositions, unpackPositions } from "../../../ingest/stores/encoding/packed-positions.ts";
import { createDatabase, type TestDatabase } from "../../support/postgres.ts";
import { deviceStateRow } from "../../../ingest/stores/writes/device-states.ts";
import { NO_COUNTS } from "../../../ingest/stores/encoding/device-state.ts";
import { loadDeviceStates } from "../../../ingest/stores/queries/device-states.ts";

let db: TestDatabase;
beforeAll(async () => {
  db = await createDatabase();
});
afterAll(() => db.drop());

const YARDS = [0, 0.004, 0.03].map((east, index) => ({
  locationId: index + 1,
  fence: { shape: "circle" as const, centre: { lat: 48, lon: 11 + east }, radiusM: 150 },
}));
const context = { deviceId: "truck", fences: createFenceIndex(YARDS) };

/** One move: how long after the fix before, how far, and how accurate. Some are jumps, silences, or no fix at all. */
const move = fc.record({
  afterMs: fc.oneof(
    { weight: 8, arbitrary: fc.integer({ min: 1, max: 20_000 }) },
    { weight: 1, arbitrary: fc.integer({ min: 60_000, max: 9_000_000 }) },
  ),
  east: fc.oneof(
    { weight: 8, arbitrary: fc.double({ min: -0.001, max: 0.002, noNaN: true }) },
    { weight: 1, arbitrary: fc.double({ min: -5, max: 5, noNaN: true }) },
  ),
  accuracy: fc.option(fc.double({ min: 0, max: 300, noNaN: true }), { nil: undefined }),
  satellites: fc.option(fc.oneof(fc.constant(0), fc.maxSafeNat()), { nil: undefined }),
  speed: fc.option(
    fc.integer({ min: 0, max: 6_000 }).map((units) => units / 100),
    { nil: undefined },
  ),
  seq: fc.oneof(fc.constant(-1), fc.maxSafeNat()),
  mounted: fc.oneof({ weight: 9, arbitrary: fc.constant(7) }, { weight: 1, arbitrary: fc.constant(undefined) }),
});

/** The window after each move, and the same with the newest state as its base, which that becomes later. */
function windowsOf(moves: readonly (typeof move extends fc.Arbitrary<infer M> ? M : never)[]) {
  const windows: SignalWindow<GpsSample, PositionState>[] = [];
  let window = emptyWindow(positionRule);
  let [ts, lon] = [1_763_715_600_000, 11];
  let current = positionRule.initial;
  for (const { afterMs, east, accuracy, satellites, speed, seq, mounted } of moves) {
    ts += afterMs;
    lon += east;
    const vehicleAt = () => (mounted === undefined ? undefined : { vehicleId: mounted });
    const sample = { ts, seq, lat: 48, lon, accuracy, satellites, speed };
    ({ window, current } = detect(positionRule, window, current, [sample], { ...context, vehicleAt }));
    windows.push(window, { ...window, base: current });
  }
  return windows;
}

const throughJson = <T>(value: T): T => JSON.parse(JSON.stringify(value)) as T;

test("a window of a vehicle's fixes comes back as it was packed, whatever the rules put into it", () => {
  const counts = { fences: 0, drives: 0, outliers: 0 };
  fc.assert(
    fc.property(fc.array(move, { maxLength: 60 }), (moves) => {
      for (const window of windowsOf(moves)) {
        const packed = throughJson(packPositions(window));
        expect(throughJson(unpackPositions(packed))).toEqual(throughJson(window));
        expect(packPositions(unpackPositions(packed))).toEqual(packed);
        counts.fences += Object.keys(window.base.fences).length;
        counts.drives += Number(window.base.trip.drive !== null);
        counts.outliers += window.base.outliers.length;
      }
    }),
    { seed: 11, numRuns: 300 },
  );
  for (const count of Object.values(counts)) expect(count).toBeGreaterThan(0);
});

test("a device's row comes back as it was written; state of another version is derived again instead", async () => {
  const moves = fc.sample(fc.array(move, { minLength: 50, maxLength: 50 }), { seed: 4, numRuns: 1 })[0]!;
  const window = windowsOf(moves).at(-1)!;
  const empty = { version: 1, newestTs: 1_763_715_600_000, counts: NO_COUNTS, skewMs: null, latest: {} };
  const { signal } = deviceStateRow({ ...empty, deviceId: "truck", signal: { newest: {}, gps: { window } } }, 1);
  const insert = "INSERT INTO device_states (device_id, version, newest_ts, signal) VALUES ($1, 1, now(), $2)";
  await db.pool.query(insert, ["same", signal]);
  await db.pool.query(insert, ["other", signal.replace(/"version":\d+/, '"version":0')]);
  const [same, other] = await loadDeviceStates(db.pool, ["same", "other"]);
  expect(throughJson(same!.signal.gps?.window)).toEqual(throughJson(window));
  expect(other!.signal.gps).toBeUndefined();
  const { rows } = await db.pool.query("SELECT device_id, kind FROM late_windows");
  expect(rows).toEqual([{ device_id: "other", kind: "gps" }]);
});
