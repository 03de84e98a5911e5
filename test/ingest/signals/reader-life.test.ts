import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { absenceOf, addSigns, fillsSilence, type LifeSign, UNKNOWN_LIFE } from "../../../ingest/signals/reader-life.ts";

const sign = (second: number, kind: LifeSign["kind"] = "read"): LifeSign => ({ ts: second * 1000, kind });
/** a read every second from one second to another */
const reads = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => sign(from + i));

describe("a tag last read at 20 s, gone after 60 s of silence", () => {
  test.each<[string, LifeSign[], [number, number] | undefined]>([
    ["is gone when another tag is still read", reads(0, 90), [80, 80]],
    ["stays while its reader is silent", reads(0, 20), undefined],
    ["stays when its reader falls silent before the deadline", reads(0, 70), undefined],
    ["is gone when heartbeats go on", [...reads(0, 20), ...[50, 80].map((at) => sign(at, "status"))], [80, 80]],
    [
      "is gone with a heartbeat after a silence, unless it is read at once",
      [...reads(0, 20), sign(200, "status")],
      [80, 210],
    ],
    ["stays when its reader says that it is offline", [...reads(0, 20), sign(90, "offline")], undefined],
    [
      "stays when its reader reboots",
      [...reads(0, 20), sign(60, "offline"), sign(620, "status"), ...reads(622, 640)],
      undefined,
    ],
    ["stays when its reader has just begun to read again", [...reads(0, 20), ...reads(600, 650)], undefined],
    ["is gone when its reader has read again for a whole timeout", [...reads(0, 20), ...reads(600, 670)], [660, 660]],
    ["is gone with seldom heartbeats", [...reads(0, 20), sign(300, "status"), sign(600, "status")], [80, 310]],
  ])("%s", (_, signs, expected) => {
    const absence = absenceOf(addSigns(UNKNOWN_LIFE, signs), 20_000, 60_000);
    expect(absence && [absence.at / 1000, absence.provenAt / 1000]).toEqual(expected);
  });
});

test("the life of a reader does not depend on the order in which its signs arrive", () => {
  const anySign = fc.record({
    ts: fc.integer({ min: 0, max: 1500 }).map((second) => second * 1000),
    kind: fc.constantFrom<LifeSign["kind"]>("read", "status", "offline"),
  });
  const batches = fc
    .array(anySign, { maxLength: 40 })
    .chain((signs) =>
      fc.tuple(fc.constant(signs), fc.shuffledSubarray(signs, { minLength: signs.length }), fc.nat(40)),
    );
  fc.assert(
    fc.property(batches, ([signs, shuffled, cut]) => {
      const whole = addSigns(UNKNOWN_LIFE, signs);
      const inParts = addSigns(addSigns(UNKNOWN_LIFE, shuffled.slice(0, cut)), shuffled.slice(cut));
      expect(inParts).toEqual(addSigns(whole, shuffled.slice(cut)));
    }),
  );
});

test("a late sign in a silence is news about the past; one after the newest is not", () => {
  const life = addSigns(UNKNOWN_LIFE, [...reads(0, 20), ...reads(600, 620)]);
  expect([10, 300, 610, 700].filter((second) => fillsSilence(life, second * 1000))).toEqual([300]);
});
