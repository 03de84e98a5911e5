import { z } from "zod";
import { expect, test } from "vitest";
import { READING_SCHEMAS, type Kind } from "../../../broker/contract/readings.ts";
import { READING_KIND_NAMES, READING_KINDS, type ReadingKind } from "../../../ingest/domain/reading-kinds.ts";
import { type ContentByKind, createReading } from "../../../ingest/pipeline/reading.ts";

test.each(Object.keys(READING_SCHEMAS) as Kind[])("every field of a %s reading has a column", (kind) => {
  const schema = z.toJSONSchema(READING_SCHEMAS[kind], { io: "input", unrepresentable: "any" });
  // A scale may also send a weight with its unit; the schema converts it to grams, its first variant.
  const [{ properties = {} }] = (schema.anyOf ?? [schema]) as [typeof schema];
  const fields = new Set(Object.keys(properties));
  fields.delete("ts");
  fields.delete("seq");
  expect(new Set(READING_KINDS[kind].columnNames)).toEqual(fields);
});

test.each(READING_KIND_NAMES)("the values of a %s reading stand in the order of its columns", (kind) => {
  const { columnNames, identity, values } = READING_KINDS[kind];
  const content = Object.fromEntries(columnNames.map((name) => [name, name])) as never;
  expect(values(content)).toEqual(columnNames);
  expect(columnNames.slice(0, identity.length)).toEqual(identity);
});

test("content hashes never change: stored readings are compared with repeats by them", () => {
  const origin = { message: { receivedAt: 1 }, source: "s" };
  const hash = <K extends ReadingKind>(kind: K, content: Omit<ContentByKind[K], "ts">) =>
    createReading(kind, { ts: 1, ...content } as ContentByKind[K], "d", origin, 0).contentHash;
  expect([
    hash("gps", { lat: 1, lon: -0 }),
    hash("gps", { lat: 1.5, lon: 2, accuracy: 1, speed: 0, heading: 1, altitude: 3, satellites: 4, battery: 0.5 }),
    hash("scale", { grams: 2, stable: true }),
    hash("env", { celsius: 1, humidity: 0.1, shock: 2, lux: 0, battery: 0 }),
    hash("rfid", { epc: "AC", antenna: 3, rssi: -40, count: 2 }),
    hash("scan", { code: "x", symbology: "ean", action: "pick", quantity: 4, location_id: 3 }),
    hash("status", { state: "offline", session: "q" }),
  ]).toEqual([1011975231, -1680873656, 1080270954, 586827492, -204138469, 1023205795, 1095282318]);
});
