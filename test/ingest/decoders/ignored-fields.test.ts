import { describe, expect, it } from "vitest";
import { decodeReadings } from "../../../ingest/decoders/native.ts";
import { emptyDecoded } from "../../../ingest/decoders/decoder.ts";
import { suggestField } from "../../../ingest/decoders/validation/field-suggestion.ts";
import { FIELDS } from "../../../ingest/decoders/validation/fields.ts";
import { addIgnoredFields, ignoreField } from "../../../ingest/decoders/validation/ignored-fields.ts";

const counter = (field: string, count: number, kind: "gps" | "env" = "gps") => ({
  kind,
  field,
  count,
  hint: undefined,
});

describe("ignored fields", () => {
  it("are stored with names that Postgres can hold, shortened", () => {
    const decoded = emptyDecoded();
    const sent = ["plain name-1.x", "nul\u0000", "half\uD83D", "whole😀", "x".repeat(100), "x".repeat(90)];
    for (const name of sent) ignoreField(decoded, "gps", name);
    expect(decoded.ignored).toEqual([
      counter("plain name-1.x", 1),
      counter("nul\uFFFD", 1),
      counter("half\uFFFD", 1),
      counter("whole😀", 1),
      counter("x".repeat(64), 2),
    ]);
  });

  it("of a message are added to its device's, which stays as it was", () => {
    const before = [counter("colour", 3)];
    const message = [counter("colour", 2), { ...counter("colour", 1, "env"), hint: "why" }];
    expect(addIgnoredFields(before, message)).toEqual([
      counter("colour", 5),
      { ...counter("colour", 1, "env"), hint: "why" },
    ]);
    expect(before).toEqual([counter("colour", 3)]);
    expect(message[0]).toEqual(counter("colour", 2));
    expect(addIgnoredFields(undefined, message)).toEqual(message);
  });

  it("of equal messages are added at once as one after the other", () => {
    const names = Array.from({ length: 40 }, (_, n) => counter(`f${n}`, n + 1));
    let sum = addIgnoredFields([counter("f3", 1)], names);
    for (let n = 1; n < 5; n += 1) sum = addIgnoredFields(sum, names);
    expect(addIgnoredFields([counter("f3", 1)], names, 5)).toEqual(sum);
  });

  it("of a message do not depend on those before it", () => {
    const decode = (...readings: object[]) => decodeReadings("gps", Buffer.from(JSON.stringify(readings))).ignored;
    const at = (ts: number, more: object) => ({ ts, lat: 1, lon: 2, ...more });
    const ab = [counter("a", 1), counter("b", 1)];
    for (let round = 0; round < 3; round += 1) {
      expect(decode(at(1, { a: 1, b: 2 }))).toEqual(ab);
      expect(decode(at(1, { a: 1 }))).toEqual([counter("a", 1)]);
      expect(decode(at(1, { a: 1, b: 2 }), at(2, { a: 1, c: 3 }))).toEqual([
        counter("a", 2),
        counter("b", 1),
        counter("c", 1),
      ]);
      expect(decode(at(1, {}), at(2, { b: 1, a: 1 }))).toEqual([counter("b", 1), counter("a", 1)]);
      expect(decode(at(1, {}))).toBeUndefined();
      expect(decode(at(1, { a: 1, b: 2, d: 4 }))).toEqual([...ab, counter("d", 1)]);
    }
  });

  it("beyond 32 names are counted together", () => {
    const names = (from: number, to: number) => Array.from({ length: to - from }, (_, n) => counter(`f${from + n}`, 1));
    const first = addIgnoredFields(undefined, names(0, 30));
    const all = addIgnoredFields(first, names(25, 50));
    expect(all).toHaveLength(33);
    expect(all.find(({ field }) => field === "f25")?.count).toBe(2);
    expect(all.at(-1)).toEqual({ kind: undefined, field: "(others)", count: 18, hint: undefined });
    expect(addIgnoredFields(all, names(60, 62)).at(-1)?.count).toBe(20);
  });

  it("have the same suggestion however many other names come between", () => {
    const ask = () => [suggestField("gps", "lattitude", FIELDS), suggestField("env", "latitude", FIELDS)];
    expect(ask()).toEqual(["did you mean `lat`?", "`lat` belongs to readings of the kind gps"]);
    const first = ask();
    for (let n = 0; n < 1_000; n += 1) suggestField("gps", `name-${n}`, FIELDS);
    expect(ask()).toEqual(first);
    expect(suggestField("gps", "latitude".padEnd(65, "e"), FIELDS)).toBeUndefined();
  });
});
