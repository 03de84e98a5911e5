import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { foldSerial, type SerialFact } from "../../../ingest/domain/stock/serial-moves.ts";

function scanned(minute: number, stockId: number, isReceived: boolean, quantity = 1): SerialFact {
  const key = `serial:hand:${minute}:-1`;
  const data = { stockId, isReceived, quantity, code: "(01)09521101530001(21)1" };
  return {
    key,
    subject: "serial:09521101530001/1",
    at: minute * 60_000,
    type: "serial_scanned",
    data,
    rule: "scan-facts",
    evidence: [],
    confidence: 0.9,
  };
}

/** stock position, change */
const movesOf = (facts: readonly SerialFact[]) =>
  foldSerial(facts).facts.map(({ subject, data }) => [Number(subject.slice(6)), "delta" in data ? data.delta : 0]);

describe("one serial is one thing", () => {
  it.each<[string, SerialFact[], number[][], number]>([
    ["received", [scanned(1, 1, true)], [[1, 1]], 0],
    ["received twice", [scanned(1, 1, true), scanned(2, 1, true)], [[1, 1]], 1],
    [
      "received elsewhere: moved",
      [scanned(1, 1, true), scanned(2, 2, true)],
      [
        [1, 1],
        [1, -1],
        [2, 1],
      ],
      0,
    ],
    ["picked without a receipt: one of those there", [scanned(1, 1, false)], [[1, -1]], 0],
    ["picked twice", [scanned(1, 1, false), scanned(2, 1, false)], [[1, -1]], 1],
    [
      "picked elsewhere: it leaves the place it was at",
      [scanned(1, 1, true), scanned(2, 2, false)],
      [
        [1, 1],
        [1, -1],
      ],
      0,
    ],
    [
      "picked and brought back",
      [scanned(1, 1, true), scanned(2, 1, false), scanned(3, 1, true)],
      [
        [1, 1],
        [1, -1],
        [1, 1],
      ],
      0,
    ],
    [
      "a case leaves with what it came with",
      [scanned(1, 1, true, 24), scanned(2, 1, false, 20)],
      [
        [1, 24],
        [1, -24],
      ],
      0,
    ],
  ])("%s", (_, facts, moves, repeats) => {
    expect(movesOf(facts)).toEqual(moves);
    expect(foldSerial(facts).repeats).toHaveLength(repeats);
  });

  it("is the same in any order of arrival, at one place at most, and every scan moves it or is a repeat", () => {
    const scans = fc
      .array(fc.record({ stockId: fc.integer({ min: 1, max: 3 }), isReceived: fc.boolean() }), { maxLength: 12 })
      .map((all) => all.map(({ stockId, isReceived }, minute) => scanned(minute, stockId, isReceived)));
    const shuffled = scans.chain((facts) =>
      fc.tuple(fc.constant(facts), fc.shuffledSubarray(facts, { minLength: facts.length })),
    );
    fc.assert(
      fc.property(shuffled, ([facts, other]) => {
        expect(foldSerial(other)).toEqual(foldSerial(facts));
        const { facts: moves, repeats } = foldSerial(facts);
        const total = movesOf(facts).reduce((sum, [, delta = 0]) => sum + delta, 0);
        expect(Math.abs(total)).toBeLessThanOrEqual(1);
        const moving = new Set(moves.map(({ at }) => at));
        expect(moving.size + repeats.length).toBe(facts.length);
      }),
    );
  });
});
