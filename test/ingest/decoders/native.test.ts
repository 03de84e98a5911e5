import { describe, expect, it } from "vitest";
import type { DecodeInput } from "../../../ingest/decoders/decoder.ts";
import { decodeNative } from "../../../ingest/decoders/native.ts";

const message = (kind: string, payload: unknown): DecodeInput => ({
  topic: `devices/truck-1/${kind}`,
  deviceId: "truck-1",
  payload: Buffer.from(typeof payload === "string" ? payload : JSON.stringify(payload)),
  receivedAt: 1_770_000_000_000,
});

describe("native", () => {
  it("reads one reading, and normalises its time and weight", () => {
    const decoded = decodeNative(message("scale", { ts: "2026-03-01T10:00:00+01:00", weight: 2, unit: "kg" }));
    const content = { ts: Date.UTC(2026, 2, 1, 9), grams: 2000 };
    expect(decoded).toEqual({ readings: [{ kind: "scale", content }], rejections: [], warnings: [] });
  });

  it("rejects a bad element with index and field, and keeps the others", () => {
    const fixes = [{ ts: 1, lat: 48, lon: 11 }, { ts: 2, lat: 91, lon: 11 }, "x", { ts: 4, lat: 49, lon: 12 }];
    const decoded = decodeNative(message("gps", fixes));
    expect(decoded.readings.map(({ content }) => content.ts)).toEqual([1, 4]);
    expect(decoded.rejections.map(({ index, reason }) => [index, reason])).toEqual([
      [1, "not-a-reading"],
      [2, "not-a-reading"],
    ]);
    expect(decoded.rejections[0]?.detail).toContain("lat:");
  });

  it.each([
    ["gps", { ts: 1, lat: 91, lon: 11 }, "lat: 91 is more than 90"],
    ["gps", { ts: 1, lat: "48", lon: 11 }, 'lat: expected a number, not the text "48"'],
    ["gps", { ts: 1, lat: 48 }, "lon: missing"],
    ["gps", { ts: 1, lat: 48, longitude: 11 }, "lon: missing: longitude is not known, did you mean lon?"],
    ["gps", { ts: 1, lat: 48, lon: 11, accuracy: null }, "accuracy: null: leave the field out when it is unknown"],
    ["env", { ts: 1, humidity: 45 }, "humidity: 45 is more than 1 (a fraction from 0 to 1: 45 % is 0.45)"],
    ["gps", { ts: 1, lat: 1, lon: 1, satellites: 1.5 }, "satellites: expected a whole number, not 1.5"],
    ["scan", { ts: 1, code: "" }, "code: an empty text"],
    ["scan", { ts: 1, code: "A", action: "move" }, "action: expected one of receive, load,"],
    ["scale", { ts: 1, weight: 5 }, "unit: missing"],
    ["gps", { ts: "2026-03-01T10:00:00", lat: 1, lon: 1 }, "such as 2026-03-01T10:00:00Z"],
    ["gps", { ts: 1.77e18, lat: 1, lon: 1 }, "this looks like nanoseconds: send milliseconds, 1770000000000"],
    ["gps", "x", 'expected an object, not the text "x"'],
  ])("says in the sender's words what is wrong with %s %j", (kind, reading, words) => {
    expect(decodeNative(message(kind, JSON.stringify(reading))).rejections[0]?.detail).toContain(words);
  });

  it("counts unknown fields, and says what may be meant", () => {
    const decoded = decodeNative(
      message("gps", [
        { ts: 1, lat: 1, lon: 2, hedding: 3, colour: 4 },
        { ts: 2, lattitude: 1, lon: 2, celsius: 5, colour: 4 },
      ]),
    );
    expect(decoded.readings).toEqual([{ kind: "gps", content: { ts: 1, lat: 1, lon: 2 } }]);
    expect(decoded.ignored).toEqual([
      { kind: "gps", field: "hedding", count: 1, hint: "did you mean `heading`?" },
      { kind: "gps", field: "colour", count: 2, hint: undefined },
      { kind: "gps", field: "lattitude", count: 1, hint: "did you mean `lat`?" },
      { kind: "gps", field: "celsius", count: 1, hint: "`celsius` belongs to readings of the kind env" },
    ]);
    const many = Object.fromEntries(Array.from({ length: 500 }, (_, n) => [`f${n}`, n]));
    const { ignored = [] } = decodeNative(message("gps", { ts: 1, lat: 1, lon: 2, ...many }));
    expect(ignored).toHaveLength(33);
    expect(ignored.reduce((sum, { count }) => sum + count, 0)).toBe(500);
    expect(decodeNative(message("scale", { ts: 1, weight: 1, unit: "kg" })).ignored).toBeUndefined();
  });

  it("names the wrong field of the shape that the sender chose", () => {
    const [rejection] = decodeNative(message("scale", { ts: 1, weight: 5, unit: "stone" })).rejections;
    expect(rejection?.detail).toContain("unit:");
    expect(rejection?.detail).not.toContain("grams");
  });

  it("leaves absent values absent", () => {
    const [reading] = decodeNative(message("gps", { ts: 1, lat: 0, lon: 0 })).readings;
    expect(Object.keys(reading?.content ?? {})).toEqual(["ts", "lat", "lon"]);
  });

  it.each([
    ["no JSON", "{", "not-json"],
    ["no bytes", "", "empty"],
    ["broken UTF-8", Buffer.from([0x22, 0xff, 0x22]).toString("latin1"), "not-a-reading"],
    ["an empty array", "[]", "empty"],
    [
      "501 readings",
      JSON.stringify(Array.from({ length: 501 }, (_, ts) => ({ ts, lat: 1, lon: 1 }))),
      "too-many-readings",
    ],
    ["a number", "5", "not-a-reading"],
    ["null", "null", "not-a-reading"],
    ["an array in an array", "[[]]", "not-a-reading"],
    ["a time before 1970", '{"ts":-1,"lat":1,"lon":1}', "implausible_time"],
    ["a time of 1903", '{"ts":"1903-01-01T00:00:00Z","lat":1,"lon":1}', "implausible_time"],
    ["a time beyond all dates", '{"ts":8.7e15,"lat":1,"lon":1}', "future"],
    ["nanoseconds", '{"ts":1770000000000000000,"lat":1,"lon":1}', "future"],
    ["64 thousand brackets", "[".repeat(64_000) + "]".repeat(64_000), "not-a-reading"],
    ["a time without offset", '{"ts":"2026-03-01T10:00:00","lat":1,"lon":1}', "not-a-reading"],
    ["a text where a number is expected", '{"ts":1,"lat":"48","lon":11}', "not-a-reading"],
  ])("rejects %s", (_, payload, reason) => {
    const decoded = decodeNative(message("gps", payload));
    expect(decoded.readings).toEqual([]);
    expect(decoded.rejections.map((rejection) => rejection.reason)).toEqual([reason]);
    expect(decoded.rejections[0]?.detail).not.toBe("");
  });

  it.each([
    [{ ts: -1, grams: 5 }, "implausible_time"],
    [{ ts: "1969-12-31T23:59:59Z", grams: 5 }, "implausible_time"],
    [{ ts: -1, weight: 5, unit: "kg" }, "implausible_time"],
    [{ ts: 1_770_000_000_000_000_000, grams: 5 }, "future"],
    [{ ts: -1, grams: "5" }, "not-a-reading"],
    [{ ts: -1, weight: 5 }, "not-a-reading"],
  ])("says of a weight whether its time alone is wrong: %o", (reading, reason) => {
    expect(decodeNative(message("scale", reading)).rejections).toMatchObject([{ index: 0, reason }]);
  });

  it("names the fields of a status that it does not know", () => {
    const decoded = decodeNative(message("status", { state: "online", fw: "1.2" }));
    expect(decoded.statuses).toMatchObject([{ state: "online" }]);
    expect(decoded.ignored).toEqual([{ kind: undefined, field: "fw", count: 1, hint: undefined }]);
  });

  it("rejects bytes that are not UTF-8, and says so", () => {
    const payload = Buffer.concat([Buffer.from('{"ts":1,"epc":"'), Buffer.from([0xc3, 0x28]), Buffer.from('"}')]);
    const decoded = decodeNative({ ...message("rfid", ""), payload });
    expect(decoded.rejections).toEqual([{ index: 0, reason: "not-json", detail: "the payload is not UTF-8" }]);
  });

  it("rejects U+0000, which Postgres cannot store in text", () => {
    const decoded = decodeNative(
      message("scan", [
        { ts: 1, code: "A\u0000B" },
        { ts: 1, code: "AB" },
      ]),
    );
    expect(decoded.readings).toHaveLength(1);
    expect(decoded.rejections[0]?.detail).toBe("code: holds the character U+0000");
  });

  it("rejects text that is no EPC with the expected formats, and keeps EPCs of unknown schemes", () => {
    const decoded = decodeNative(
      message(
        "rfid",
        ["garbage!", "E28011700000020A", "AB"].map((epc) => ({ ts: 1, epc })),
      ),
    );
    const detail = "epc: expected an EPC: hex, base64 or an EPC URI";
    expect(decoded.rejections).toMatchObject([{ index: 0, reason: "not-a-reading", detail }]);
    expect(decoded.readings).toHaveLength(2);
  });

  it("reads a status report; one without time has the time of receipt", () => {
    const alone = { ts: 1_770_000_000_000, seq: undefined, state: "offline", session: "7" };
    expect(decodeNative(message("status", { state: "offline", session: 7 })).statuses).toEqual([alone]);
    expect(decodeNative(message("status", [{ state: "offline", session: 7 }])).statuses).toEqual([alone]);
    expect(decodeNative(message("status", { state: "asleep" })).rejections[0]?.detail).toContain("state:");
  });

  it("reads several status reports, each with its time, and rejects several without, or at fault, alone", () => {
    const [online, asleep, gone] = [{ ts: 5, state: "online" }, { ts: 7, state: "asleep" }, { state: "offline" }];
    const { statuses, rejections } = decodeNative(message("status", [online, gone, asleep, gone]));
    expect(statuses).toMatchObject([online]);
    expect(rejections).toMatchObject([
      { index: 2, reason: "not-a-reading", part: JSON.stringify(asleep) },
      { index: 1, reason: "bad-time", part: JSON.stringify(gone) },
      { index: 3, reason: "bad-time" },
    ]);
    const one = decodeNative(message("status", [online, gone, asleep]));
    expect(one.statuses).toMatchObject([online, { ts: 1_770_000_000_000, state: "offline" }]);
    expect(one.rejections).toHaveLength(1);
    expect(decodeNative(message("status", [])).rejections).toMatchObject([{ reason: "empty" }]);
  });

  it("rejects raw bytes and topics that carry no readings", () => {
    expect(decodeNative(message("raw", "x")).rejections[0]?.reason).toBe("unsupported");
    expect(decodeNative(message("cmd/ack", "{}")).rejections[0]?.reason).toBe("unsupported");
  });
});
