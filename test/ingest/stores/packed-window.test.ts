import fc from "fast-check";
import { expect, test } from "vitest";
import type { SignalWindow } from "../../../ingest/signals/window.ts";
import { packWindow, unpackWindow } from "../../../ingest/stores/encoding/packed-window.ts";

interface Fix {
  ts: number;
  seq: number;
  lat: number;
  accuracy: number | undefined;
  stable: boolean | undefined;
}

/** Every store turns minus zero into zero. */
const finite = fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0);
const fix: fc.Arbitrary<Fix> = fc.record({
  ts: fc.integer({ min: 0, max: 8.64e15 }),
  seq: fc.oneof(fc.constant(-1), fc.maxSafeNat()),
  lat: fc.oneof(
    finite,
    fc.integer({ min: -90, max: 90 }),
    fc.float({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0),
  ),
  accuracy: fc.option(finite, { nil: undefined }),
  stable: fc.option(fc.boolean(), { nil: undefined }),
});

test("a window comes back as it was packed, through JSON, whichever values its samples lack", () => {
  const windows = fc.array(fix, { maxLength: 32 });
  fc.assert(
    fc.property(windows, (samples) => {
      const window: SignalWindow<Fix, { n: number }> = { base: { n: 1 }, newestInBase: { ts: 1, seq: -1 }, samples };
      const stored = JSON.parse(JSON.stringify(packWindow(window))) as ReturnType<
        typeof packWindow<Fix, { n: number }>
      >;
      expect(unpackWindow(stored)).toEqual(window);
    }),
    { numRuns: 2_000 },
  );
});

test("a late sample keeps values that no sample before the restart had", () => {
  const stored = (samples: Fix[]) =>
    JSON.parse(JSON.stringify(packWindow({ base: null, newestInBase: null, samples }))) as ReturnType<
      typeof packWindow<Fix, null>
    >;
  const newer = { ts: 2_000, seq: -1, lat: 48, accuracy: undefined, stable: undefined };
  const { samples } = unpackWindow<Fix, null>(stored([newer]));
  const late = { ...newer, ts: 1_000, accuracy: 30, stable: true };
  expect(unpackWindow(stored([late, ...samples])).samples).toEqual([late, newer]);
});

test("a window of a tracker at one reading a second takes less than 1,400 bytes", () => {
  const samples = Array.from({ length: 31 }, (_, n) => ({
    ts: 1_763_715_600_000 + n * 1_000,
    seq: 100_000_000 + n,
    lat: 52.520008 + n * 1e-5,
    lon: 13.404954 + n * 1e-5,
    accuracy: 4.5,
    satellites: 11,
  }));
  expect(JSON.stringify(packWindow({ base: null, newestInBase: null, samples })).length).toBeLessThan(1_400);
});
