import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { MAX_MESSAGE_BYTES } from "../../../broker/contract/readings.ts";
import { type Decoded, emptyDecoded } from "../../../ingest/decoders/decoder.ts";
import { flattened } from "../../../ingest/decoders/forwarded/forwarded.ts";
import { DECODER_NAMES, decoderFor } from "../../../ingest/decoders/index.ts";

/** A message, and what it must be decoded to. An absent list is an empty one. */
interface Case {
  what: string;
  /** default: the device's raw topic */
  topic?: string;
  text?: string;
  json?: unknown;
  hex?: string;
  /** each `[kind, content]`; time of measurement as ISO 8601 or epoch ms, "received" for the time of receipt */
  readings?: [string, Record<string, unknown>][];
  /** each `[index, reason]` */
  rejections?: [number, string][];
  /** parts of warnings, in order */
  warnings?: string[];
  status?: unknown;
  /** names of fields that are not used; not compared when absent */
  ignored?: string[];
  /** of what a server forwards: which device each element is about */
  devices?: string[];
}

const folder = new URL("../../fixtures/decoders/", import.meta.url);
const receivedAt = Date.UTC(2026, 2, 1, 12);

describe.each(readdirSync(folder).sort())("%s", (file) => {
  const name = file.replace(".json", "");
  const cases = JSON.parse(readFileSync(new URL(file, folder), "utf8")) as Case[];

  it.each(cases)("$what", (sent) => {
    const decode = decoderFor(name);
    if (!decode) throw new Error(`no decoder ${name}`);
    const topic = sent.topic ?? "devices/d1/raw";
    const whole = decode({ topic, deviceId: "d1", payload: payloadOf(sent), receivedAt });
    const decoded = flattened(whole);
    if (sent.devices) expect(whole.forwarded?.map(({ ids }) => ids[0])).toEqual(sent.devices);
    if (sent.ignored) expect(decoded.ignored?.map(({ field }) => field)).toEqual(sent.ignored);
    const readings = (sent.readings ?? []).map(([kind, content]) => ({ kind, content: withTime(content) }));
    expect(rounded(decoded)).toEqual(readings);
    expect(decoded.rejections.map(({ index, reason }) => [index, reason])).toEqual(sent.rejections ?? []);
    expect(decoded.warnings).toEqual((sent.warnings ?? []).map((part) => expect.stringContaining(part) as unknown));
    expect(decoded.statuses).toEqual(sent.status && [sent.status]);
    for (const { detail } of decoded.rejections) expect(detail).toMatch(/\S/);
  });
});

it("has a fixture file for every vendor format, and a decoder for every file", () => {
  const files = readdirSync(folder).map((file) => file.replace(".json", ""));
  const vendors = DECODER_NAMES.filter((name) => !["native", "sparkplug-b"].includes(name));
  expect(files.sort()).toEqual([...vendors].sort());
  expect(decoderFor("toString")).toBeUndefined();
});

it("no decoder throws, whatever the bytes", () => {
  let seed = 7;
  const random = () => (seed = (seed * 1103515245 + 12345) % 2147483648) / 2147483648;
  const starts = [
    "",
    "{",
    "[{",
    "\u0000\u0000\u0000\u0000",
    "$GPRMC,",
    "ST,GS,",
    "\u0002+",
    "(01)",
    '{"data":',
    '{"position":{"fixTime":"2026-02-07T09:48:15Z"',
    "lat=",
  ];
  for (let round = 0; round < 3000; round++) {
    const start = starts[round % starts.length] ?? "";
    const bytes = Buffer.from(Array.from({ length: Math.floor(random() * 60) }, () => Math.floor(random() * 256)));
    const payload = Buffer.concat([Buffer.from(start, "latin1"), bytes]);
    for (const name of DECODER_NAMES) {
      const topic = name === "sparkplug-b" ? "spBv1.0/g/NDATA/d1" : "devices/d1/raw";
      const decoded = decoderFor(name)?.({ topic, deviceId: "d1", payload, receivedAt }) ?? emptyDecoded();
      for (const { decoded: own } of decoded.forwarded ?? []) {
        for (const { content } of own.readings) expect(Number.isFinite(content.ts)).toBe(true);
      }
      for (const { content } of decoded.readings) expect(Number.isFinite(content.ts)).toBe(true);
    }
  }
});

it("decodes the longest message within four seconds, whatever it contains", { timeout: 60_000 }, () => {
  const parts = [
    "1",
    "0.",
    " ",
    "a",
    "+",
    "-",
    ",",
    "$",
    "(01)",
    "01/",
    "http://a/01/",
    "https://a/01/00/",
    "S S ",
    "\u0002+",
  ];
  for (const part of parts) {
    for (const start of ["", "ST,GS,+", "S S ", "$GPRMC,", "]C1", "https://id.gs1.org/01/", "lat="]) {
      const payload = Buffer.from((start + part.repeat(MAX_MESSAGE_BYTES)).slice(0, MAX_MESSAGE_BYTES), "latin1");
      for (const name of DECODER_NAMES) {
        const topic = name === "sparkplug-b" ? "spBv1.0/g/NDATA/d1" : "devices/d1/raw";
        const began = performance.now();
        decoderFor(name)?.({ topic, deviceId: "d1", payload, receivedAt });
        // The worker waits meanwhile: an expression with backtracking takes 20 s for such a line.
        expect(performance.now() - began, `${name}: ${start}${part}…`).toBeLessThan(4_000);
      }
    }
  }
});

function payloadOf({ text, json, hex }: Case): Buffer {
  if (hex !== undefined) return Buffer.from(hex, "hex");
  return Buffer.from(text ?? JSON.stringify(json), "latin1");
}

function withTime(content: Record<string, unknown>): Record<string, unknown> {
  const { ts } = content;
  if (ts === "received") return { ...content, ts: receivedAt };
  return typeof ts === "string" ? { ...content, ts: Date.parse(ts) } : content;
}

/** Rounds to seven decimals: unit conversions leave errors of binary fractions. */
function rounded({ readings }: Pick<Decoded, "readings">): unknown[] {
  const round = (value: unknown) => (typeof value === "number" ? Math.round(value * 1e7) / 1e7 : value);
  return readings.map(({ kind, content }) => ({
    kind,
    content: Object.fromEntries(Object.entries(content).map(([name, value]) => [name, round(value)])),
  }));
}
