import { describe, expect, test } from "vitest";
import type { TagSample } from "../../../ingest/signals/tag-presence.ts";
import { createNoise } from "./noise.ts";
import { follow, portal, read } from "./tag-facts.ts";

/** Where the tag is from which second on: metres outside the gate, negative inside. */
type Way = readonly (readonly [seconds: number, metres: number])[];

/** The antennas hang a metre inside and a metre outside of the gate, and lose 6 dB a metre; two reads in three. */
function heardOn(way: Way, seed: number, { hertz, noiseDb }: { hertz: number; noiseDb: number }): TagSample[] {
  const { uniform, gaussian } = createNoise(seed);
  const samples: TagSample[] = [];
  for (let seconds = way[0]![0]; seconds <= way.at(-1)![0]; seconds += 1 / hertz) {
    const metres = placeAt(way, seconds);
    for (const [index, antennaAt] of [-1, 1].entries()) {
      const dbm = -42 - 6 * Math.abs(metres - antennaAt) + gaussian() * noiseDb;
      if (dbm <= -70 || uniform() >= 0.65) continue;
      samples.push(read(Math.round(100_000 + seconds * 1000 + index * 10), index + 1, Math.round(dbm * 10) / 10));
    }
  }
  return samples;
}

function placeAt(way: Way, seconds: number): number {
  const next = Math.max(
    1,
    way.findIndex(([at]) => at >= seconds),
  );
  const [[from, a], [to, b]] = [way[next - 1]!, way[next]!];
  return a + ((seconds - from) / (to - from)) * (b - a);
}

const directions = (samples: TagSample[]) =>
  follow(samples, portal).flatMap(({ type, data }) =>
    type === "seen" && "direction" in data ? [data.likely ?? data.direction] : [],
  );

const SEEDS = [1, 2, 3, 4];

describe("a tag that stands in the field of a gate whose reads scatter", () => {
  test.each([0, 1.5])("has a direction at most once in four hours, %d m outside", (metres) => {
    const halfHour: Way = [
      [0, metres],
      [1800, metres],
    ];
    const told = [1, 2].flatMap((hertz) =>
      SEEDS.flatMap((seed) => directions(heardOn(halfHour, seed, { hertz, noiseDb: 3 }))),
    );
    expect(told.filter((direction) => direction !== "unknown").length).toBeLessThanOrEqual(1);
  });

  test("goes in when it is carried in after ten minutes", () => {
    const way: Way = [
      [0, 3.5],
      [600, 3.5],
      [607, -5],
    ];
    for (const seed of SEEDS) expect(directions(heardOn(way, seed, { hertz: 4, noiseDb: 2 }))).toEqual(["in"]);
  });

  test("went in when it is put down under the inside antenna", () => {
    const way: Way = [
      [0, 5],
      [6, -1],
      [300, -1],
    ];
    for (const seed of SEEDS) expect(directions(heardOn(way, seed, { hertz: 4, noiseDb: 2 }))).toEqual(["in"]);
  });
});
