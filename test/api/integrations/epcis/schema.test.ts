import { Ajv } from "ajv";
import formats from "ajv-formats";
import fc from "fast-check";
import { expect, test } from "vitest";
import { checkDocument, fieldName } from "../../../../api/integrations/epcis/schema/check-document.ts";
import { isDateTime, isUri } from "../../../../api/integrations/epcis/schema/formats.ts";
import { isObject, type Json, type JsonObject } from "../../../../api/integrations/epcis/json.ts";
import { gs1Schema, sampleDocuments } from "./samples.ts";

const ajv = new Ajv({ strict: false });
formats.default(ajv);
const byGs1 = ajv.compile(gs1Schema());
const isUriByAjv = ajv.compile({ type: "string", format: "uri" });
const isTimeByAjv = ajv.compile({ type: "string", format: "date-time" });

const valid = [...sampleDocuments("valid"), ...sampleDocuments("hash")];

test.each(valid)("$name is accepted", async ({ document }) => {
  expect(await checkDocument(document)).toEqual([]);
  expect(byGs1(document)).toBe(true);
});

test.each([
  ["EPCISDocument_without_context.json", ["@context"]],
  ["ObjectEvent_with_invalid_action.json", ["epcisBody.eventList[0].action"]],
  ["ObjectEvent_with_quantity_as_text.json", ["epcisBody.eventList[0].quantityList[0].quantity"]],
  [
    "ObjectEvent_without_action_and_eventTime.json",
    ["epcisBody.eventList[0].eventTime", "epcisBody.eventList[0].eventTimeZoneOffset", "epcisBody.eventList[0].action"],
  ],
])("%s is refused by the names of its fields", async (name, fields) => {
  const { document } = sampleDocuments("invalid").find((sample) => sample.name === name)!;
  const issues = await checkDocument(document);
  expect(issues.map(({ path }) => fieldName(path))).toEqual(fields);
  expect(byGs1(document)).toBe(false);
});

/** What fields are changed to: values of other types, of other fields, nearly right and wrong. */
const OTHER_VALUES: readonly Json[] = [
  ...[null, true, 0, -1.5, "", "x", "example:x", "urn:x:y", "https://ns.gs1.org/cbv/BizStep-x", "cbv:BizStep-shipping"],
  ...["https://gs1.org/voc/Temperature", "shipping", "in_transit", "po", "location", "Temperature", "did_not_occur"],
  ...[
    "2026-02-29T00:00:00Z",
    "2024-02-29T23:59:60Z",
    "2026-03-01T08:00:00",
    "2026-03-01 08:00:00+0100",
    "+01:00",
    "-14:00",
  ],
  ...["14:01", "OBSERVE", "ADD", "DELETE", "KGM", "kg", "F0", "ObjectEvent", "EPCISDocument", "EPCISQueryDocument"],
  ...[
    [],
    {},
    ["urn:x:y"],
    ["urn:x:y", "urn:x:y"],
    [{ epcClass: "urn:x:y" }],
    { id: "urn:x:y" },
    [
      { a: 1, b: 2 },
      { b: 2, a: 1 },
    ],
  ],
  ...[
    { set: ["active"] },
    { set: [] },
    { "example:y": 1 },
    [{ bizTransaction: "urn:x:y" }],
    { sensorReport: [{ type: "Angle" }] },
  ],
];
const OTHER_NAMES = [
  "example:x",
  "unknown",
  "ilmd",
  "epcList",
  "quantityList",
  "childEPCs",
  "parentID",
  "transformationID",
];
const MORE_NAMES = [
  ...OTHER_NAMES,
  "outputEPCList",
  "sensorElementList",
  "readPoint",
  "action",
  "@context",
  "type",
  "x y",
];

interface Change {
  /** which of the places of the document, by turns */
  at: number;
  kind: "remove" | "replace" | "add" | "double";
  name: string;
  value: Json;
}
const change: fc.Arbitrary<Change> = fc.record({
  at: fc.nat(10_000),
  kind: fc.constantFrom("remove", "replace", "add", "double"),
  name: fc.constantFrom(...MORE_NAMES),
  value: fc.constantFrom(...OTHER_VALUES),
});

/** The objects and lists of a document. */
function placesOf(value: Json): (Record<string, Json> | Json[])[] {
  if (Array.isArray(value)) return [value, ...value.flatMap(placesOf)];
  if (isObject(value)) return [value, ...Object.values(value).flatMap(placesOf)];
  return [];
}

function changed(document: JsonObject, changes: readonly Change[]): JsonObject {
  const copy = structuredClone(document);
  for (const { at, kind, name, value } of changes) {
    const places = placesOf(copy);
    const place = places[at % places.length]!;
    const keys = Object.keys(place);
    const key = keys[at % Math.max(1, keys.length)] ?? name;
    const fields = place as Record<string, Json>;
    if (kind === "remove" && !Array.isArray(place)) delete fields[key];
    else if (kind === "remove") (place as Json[]).pop();
    else if (kind === "replace") fields[key] = structuredClone(value);
    else if (kind === "double" && Array.isArray(place) && place.length > 0) place.push(place[0]!);
    else if (!Array.isArray(place)) fields[name] = structuredClone(value);
  }
  return copy;
}

const verdictsAgree = async (document: JsonObject): Promise<void> => {
  const issues = await checkDocument(document);
  const expected = byGs1(document);
  expect(issues.length === 0, JSON.stringify({ issues, ajv: byGs1.errors?.slice(0, 3) })).toBe(expected);
};

test("the verdict on changed documents is that of GS1's schema", async () => {
  const samples = fc.constantFrom(...valid.map(({ document }) => document));
  await fc.assert(
    fc.asyncProperty(samples, fc.array(change, { minLength: 1, maxLength: 3 }), async (document, changes) =>
      verdictsAgree(changed(document, changes)),
    ),
    { numRuns: 1500 },
  );
});

test("the verdict on events by themselves, and on answers of queries, is that of GS1's schema", async () => {
  const samples = valid.flatMap(({ context, events }) => [
    ...events.map((event): JsonObject => ({ "@context": context, ...event })),
    {
      "@context": context,
      type: "EPCISQueryDocument",
      epcisBody: { queryResults: { queryName: "all", resultsBody: { eventList: events } } },
    },
  ]);
  for (const sample of samples) await verdictsAgree(sample);
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...samples), fc.array(change, { maxLength: 2 }), async (document, changes) =>
      verdictsAgree(changed(document, changes)),
    ),
    { numRuns: 1000 },
  );
});

test("addresses and times are those of JSON schema", () => {
  const letters = fc.string({ unit: fc.constantFrom(..."ab1:/?#[]@!$&'\"()*+,;=%20. -_~".split("")) });
  const addresses = fc.oneof(
    letters,
    fc.tuple(fc.constantFrom("a:", "http://", "urn:x:", "a:/", "://"), letters).map((all) => all.join("")),
  );
  fc.assert(
    fc.property(addresses, (address) => {
      expect(isUri(address), address).toBe(isUriByAjv(address));
    }),
    { numRuns: 3000 },
  );
  for (const address of ["http://[::1]/x", "http://[::x]/", "http://user@[fe80::1]:80/a?b#c", "http://[v1.x]/", "a:"])
    expect(isUri(address), address).toBe(isUriByAjv(address));
  const digits = (length: number) =>
    fc.string({ unit: fc.constantFrom(..."0123456".split("")), minLength: length, maxLength: length });
  const times = fc
    .tuple(
      digits(4),
      digits(2),
      digits(2),
      fc.constantFrom("T", "t", " ", "_"),
      digits(2),
      digits(2),
      digits(2),
      fc.constantFrom("", ".1", "."),
    )
    .chain(([y, mo, d, t, h, mi, s, f]) =>
      fc
        .constantFrom("Z", "+01:00", "-0630", "+24:00", "", "+01")
        .map((zone) => `${y}-${mo}-${d}${t}${h}:${mi}:${s}${f}${zone}`),
    );
  fc.assert(
    fc.property(times, (time) => {
      expect(isDateTime(time), time).toBe(isTimeByAjv(time));
    }),
    { numRuns: 2000 },
  );
  for (const time of [
    "2024-02-29T00:00:00Z",
    "2023-02-29T00:00:00Z",
    "1900-02-29T00:00:00Z",
    "2016-12-31T23:59:60Z",
    "2017-01-01T00:59:60+01:00",
  ])
    expect(isDateTime(time), time).toBe(isTimeByAjv(time));
});
