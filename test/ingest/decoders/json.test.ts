import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { takeApart } from "../../../ingest/decoders/json/broken.ts";
import { findJsonError } from "../../../ingest/decoders/json/error-position.ts";
import { decodeReadings } from "../../../ingest/decoders/native.ts";
import { decodeZebra } from "../../../ingest/decoders/zebra.ts";

const T = Date.UTC(2026, 2, 1);
const fix = (n: number) => `{"ts":${T + n},"lat":48,"lon":11}`;
const decode = (text: string | Buffer) => decodeReadings("gps", Buffer.from(text as string));
const times = (text: string) => decode(text).readings.map(({ content }) => content.ts - T);

describe("JSON as devices send it", () => {
  it.each([
    ["one after another", `${fix(1)}${fix(2)}${fix(3)}`],
    ["one per line", `${fix(1)}\n${fix(2)}\r\n${fix(3)}\n`],
    ["record separators (RFC 7464)", `\u001e${fix(1)}\n\u001e${fix(2)}\n\u001e${fix(3)}\n`],
    ["commas without brackets", `${fix(1)},${fix(2)},${fix(3)}`],
    ["a list after another", `[${fix(1)},${fix(2)}][${fix(3)}]`],
    ["a comma too many", `[${fix(1)},${fix(2)},${fix(3)},]`],
    ["a byte order mark", `\uFEFF[${fix(1)},${fix(2)},${fix(3)}]`],
  ])("reads %s", (_, text) => {
    expect(times(text)).toEqual([1, 2, 3]);
    expect(decode(text).rejections).toEqual([]);
  });

  it.each([
    ["a value is missing", `[${fix(1)},{"ts":5,"lat":,"lon":1},${fix(2)}]`, ',"lon":1}', "expected a value, not ,"],
    ["a quote is missing", `[${fix(1)},{"ts":"5,"lat":1},${fix(2)}]`, 'lat":1}', "expected , or }"],
    ["the end is missing", `[${fix(1)},${fix(2)},{"ts":5,"la`, '"la', "the text in quotes does not end"],
    ["NaN is sent", `[${fix(1)},{"ts":5,"lat":NaN},${fix(2)}]`, "NaN", "NaN is no JSON value"],
    ["a line is broken", `${fix(1)}\n{oops}\n${fix(2)}`, "oops", "expected a field name"],
  ])("keeps every readable object when %s, and says where", (_, text, at, words) => {
    const { rejections } = decode(text);
    expect(times(text)).toEqual([1, 2]);
    expect(rejections).toHaveLength(1);
    const { detail, part } = rejections[0]!;
    expect(detail).toMatch(new RegExp(`^not JSON at position ${text.lastIndexOf(at)}\\b`));
    expect(detail).toContain(words);
    // What goes to quarantine is the broken part alone.
    expect(text).toContain(part);
    expect(part).not.toContain(fix(1));
    expect(part).not.toContain(fix(2));
  });

  it("says that an array was cut off behind an element", () => {
    const decoded = decode(`[${fix(1)},${fix(2)}`);
    expect(decoded.readings).toHaveLength(2);
    expect(decoded.warnings).toEqual([expect.stringContaining("not closed")]);
  });

  it.each([
    ["", "empty", "empty payload"],
    [" \n", "empty", "empty payload"],
    ["hello", "not-json", "not JSON at position 0: expected a value"],
    ["{'ts':1}", "not-json", "position 1: a single quote"],
    ['{"ts":1,}', "not-json", "position 8: a comma before }"],
    ['{"ts":1', "not-json", "position 7: the text ends inside an object"],
    ['{"ts":01}', "not-json", "position 7: a number must not begin with 0"],
    [Buffer.from('\uFEFF{"ts":1}', "utf16le"), "not-json", "the payload is UTF-16, expected UTF-8"],
    [Buffer.from([0xc3, 0x28]), "not-json", "the payload is not UTF-8"],
  ])("says what is wrong with %j", (text, reason, words) => {
    expect(decode(text).rejections).toMatchObject([{ reason, detail: expect.stringContaining(words) as string }]);
  });

  it("reads the objects that readers send one after another", () => {
    const tag = (n: number) => JSON.stringify({ timestamp: "2026-03-01T00:00:00Z", data: { idHex: `E28${n}` } });
    const input = { topic: "devices/d/raw", deviceId: "d", receivedAt: T };
    const { readings } = decodeZebra({ ...input, payload: Buffer.from(tag(10000) + tag(20000)) });
    expect(readings.map(({ content }) => "epc" in content && content.epc)).toEqual(["E2810000", "E2820000"]);
  });

  it("names a single character of the payload at most: it may hold a secret", () => {
    for (const text of ['{"password":hunter2}', "hunter2", '{"a":"b"hunter2}']) {
      expect(decode(text).rejections[0]?.detail).not.toMatch(/hunter|unter/);
    }
  });

  it("agrees with JSON.parse on what is JSON", () => {
    const almost = fc
      .tuple(fc.json(), fc.nat(), fc.constantFrom("", ",", "}", '"', "\\", "0", "-", "e", " ", "x", "\u0001", "["))
      .map(([text, at, insert]) => text.slice(0, at % (text.length + 1)) + insert + text.slice(at % (text.length + 1)));
    fc.assert(
      fc.property(fc.oneof(fc.json(), almost, fc.string()), (text) => {
        if ((findJsonError(text) === undefined) !== isJson(text)) throw new Error(JSON.stringify(text));
      }),
      { numRuns: 5000 },
    );
  });

  it("takes broken texts of full size apart in linear time", () => {
    const size = 128 * 1024;
    const started = process.cpuUsage();
    for (const text of ["[", "{{},", '{"},', "{ ", '{"a":[', '{"a":"\\n', "},", '"', ",\n", "{x}\n"]) {
      takeApart(text.repeat(size / text.length));
      findJsonError(text.repeat(size / text.length));
    }
    const { user } = process.cpuUsage(started);
    expect(user / 1e6).toBeLessThan(5);
  });
});

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
