import fc from "fast-check";
import { expect, it } from "vitest";
import { READING_SCHEMAS } from "../../../broker/contract/readings.ts";
import { emptyDecoded } from "../../../ingest/decoders/decoder.ts";
import { countUnknownFields } from "../../../ingest/decoders/validation/unknown-fields.ts";
import { validateFast } from "../../../ingest/decoders/validation/fast-validation.ts";

const NAMES = {
  gps: ["ts", "seq", "lat", "lon", "accuracy", "speed", "heading", "altitude", "satellites", "battery"],
  rfid: ["ts", "seq", "epc", "antenna", "rssi", "count"],
  scale: ["ts", "seq", "grams", "stable", "weight", "unit"],
  env: ["ts", "seq", "celsius", "humidity", "shock", "lux", "battery"],
} as const;

/** Values on and around every bound, and of every type JSON has; Infinity is what JSON's 1e999 becomes. */
const anyValue = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.constantFrom<unknown>(0, -0, 0.5, 1, 1.5, 45, 90, 90.0001, 180, -180, 360, 361, -1, 65_535, 65_536),
  },
  {
    weight: 2,
    arbitrary: fc.constantFrom<unknown>(1.77e12, 8.64e15, 8.7e15, 2 ** 53, 2 ** 53 - 1, Infinity, 1e308, 0.1),
  },
  { weight: 1, arbitrary: fc.constantFrom<unknown>("", "A", "a".repeat(256), "a".repeat(257), "😀".repeat(128), "kg") },
  { weight: 1, arbitrary: fc.constantFrom<unknown>(null, true, false, [], {}, "2026-01-01T00:00:00Z") },
);

const inRange: Record<string, fc.Arbitrary<unknown>> = {
  ts: fc.oneof(fc.integer({ min: 0, max: 2e12 }), fc.double({ min: 0, max: 1e13, noNaN: true })),
  lat: fc.double({ min: -90, max: 90, noNaN: true }),
  lon: fc.double({ min: -180, max: 180, noNaN: true }),
  epc: fc.oneof(
    fc.string({ minLength: 1, maxLength: 256 }),
    fc.string({ unit: fc.constantFrom("0", "9", "a", "F", "g", "Q", "-", "="), minLength: 1, maxLength: 20 }),
    fc.constantFrom("3074257BF7194E4000001A85", "MHQle/cZTkAAABqF", "urn:epc:id:sscc:0614141.1234567890", "garbage!"),
  ),
  grams: fc.double({ noNaN: true, noDefaultInfinity: true }),
};

it.each(["gps", "rfid", "scale", "env"] as const)("agrees with the schema on 100,000 %s readings", (kind) => {
  const fields = Object.fromEntries(
    NAMES[kind].map((name) => [
      name,
      fc.oneof({ weight: 3, arbitrary: inRange[name] ?? fc.constant(1) }, { weight: 1, arbitrary: anyValue }),
    ]),
  );
  const readings = fc.record(fields, { requiredKeys: [] });
  let accepted = 0;
  fc.assert(
    fc.property(readings, (reading) => {
      const fast = validateFast(kind, reading);
      if (fast === undefined) return;
      accepted++;
      const result = READING_SCHEMAS[kind].safeParse(reading);
      if (!result.success) throw new Error(`the schema rejects ${JSON.stringify(reading)}`);
      const sameNames = Object.keys(fast).sort().join() === Object.keys(result.data).sort().join();
      const values = result.data as unknown as Record<string, unknown>;
      if (!sameNames || !Object.entries(fast).every(([name, value]) => Object.is(value, values[name]))) {
        expect(fast).toEqual(result.data);
        throw new Error("other fields");
      }
    }),
    { numRuns: 100_000 },
  );
  expect(accepted).toBeGreaterThan(1000);
});

it("accepts what devices usually send", () => {
  expect(validateFast("gps", { ts: 1, seq: 2, lat: 48, lon: 11, speed: 3 })).toEqual({
    ts: 1,
    seq: 2,
    lat: 48,
    lon: 11,
    speed: 3,
  });
  expect(validateFast("scale", { ts: 1, grams: 2, stable: true, extra: 1 })).toEqual({ ts: 1, grams: 2, stable: true });
  expect(validateFast("env", { ts: 1, celsius: 2 })).toEqual({ ts: 1, celsius: 2 });
  expect(validateFast("env", { ts: 1, seq: 2 })).toBeUndefined();
  expect(validateFast("scan", { ts: 1, code: "A" })).toBeUndefined();
});

it("reads each field, and counts each unknown one, by however many layouts firmware sends them in", () => {
  const names = [...NAMES.gps, "firmware", "provider"];
  const optional = names.filter((name) => !["ts", "lat", "lon"].includes(name));
  const layout = fc
    .subarray(optional)
    .chain((some) => fc.shuffledSubarray(["ts", "lat", "lon", ...some], { minLength: some.length + 3 }));
  const layouts = fc.uniqueArray(layout, { minLength: 30, maxLength: 30, selector: (each) => each.join() });
  const order = fc.array(fc.nat(29), { minLength: 200, maxLength: 200 });
  fc.assert(
    fc.property(layouts, order, (all, picks) => {
      for (const pick of picks) {
        const value = Object.fromEntries(all[pick]!.map((name) => [name, name === "ts" ? 1_000 : 1]));
        const known = Object.fromEntries(
          Object.entries(value).filter(([name]) => !["firmware", "provider"].includes(name)),
        );
        const content = validateFast("gps", value);
        if (content === undefined) throw new Error(`not accepted: ${JSON.stringify(value)}`);
        expect(content).toEqual(known);
        const decoded = emptyDecoded();
        if (content !== value) countUnknownFields(decoded, "gps", value);
        const unknown = Object.keys(value).filter((name) => !(name in known));
        expect(decoded.ignored?.map(({ field, count }) => [field, count]) ?? []).toEqual(
          unknown.map((name) => [name, 1]),
        );
      }
    }),
    { numRuns: 20 },
  );
  // What one layout has, another one may lack.
  expect(validateFast("gps", { ts: 1, lat: 1, firmware: 1 })).toBeUndefined();
  expect(validateFast("gps", { ts: 1, lat: 1, lon: 200 })).toBeUndefined();
});
