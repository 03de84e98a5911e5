import fc from "fast-check";
import { expect, test } from "vitest";
import { canonicalTime, canonicalValue } from "../../../../api/integrations/epcis/hash/canonical-value.ts";
import { hashId } from "../../../../api/integrations/epcis/hash/hash-id.ts";
import { canonicalUri } from "../../../../api/integrations/epcis/identifiers/canonical-uri.ts";
import { isObject, type Json, type JsonObject } from "../../../../api/integrations/epcis/json.ts";
import { prefixesOf } from "../../../../api/integrations/epcis/vocabulary/context.ts";
import { expectedHashIds, sampleDocuments } from "./samples.ts";

test.each(sampleDocuments("hash").map((sample) => [sample.name, sample] as const))(
  "hash ids are those of GS1's reference implementation: %s",
  (name, { context, events }) => {
    expect(events.map((event) => hashId(event, prefixesOf(context)))).toEqual(expectedHashIds(name));
  },
);

const samples = [...sampleDocuments("hash"), ...sampleDocuments("valid")].flatMap(({ context, events }) =>
  events.map((event) => ({ event, prefixes: prefixesOf(context) })),
);

/** The same in another order: of fields and of members of lists. */
function shuffled(value: Json, order: () => number): Json {
  const mixed = <T>(list: readonly T[]): T[] =>
    list
      .map((each) => ({ each, at: order() }))
      .toSorted((a, b) => a.at - b.at)
      .map(({ each }) => each);
  if (Array.isArray(value)) return mixed((value as readonly Json[]).map((each) => shuffled(each, order)));
  if (!isObject(value)) return value;
  return Object.fromEntries(mixed(Object.entries(value)).map(([name, inner]) => [name, shuffled(inner, order)]));
}

test("the order of fields and of lists does not matter, nor who named, recorded or disowned the event", () => {
  fc.assert(
    fc.property(fc.constantFrom(...samples), fc.infiniteStream(fc.nat()), ({ event, prefixes }, numbers) => {
      const other = shuffled(event, () => numbers.next().value as number) as JsonObject;
      const more = {
        eventID: "urn:uuid:1",
        recordTime: "2026-01-01T00:00:00Z",
        errorDeclaration: { declarationTime: "2026-01-01T00:00:00Z" },
      };
      expect(hashId({ ...other, ...more }, prefixes)).toBe(hashId(event, prefixes));
    }),
  );
});

test("another value of any field is another event", () => {
  const changed = fc.constantFrom("action", "bizStep", "eventTimeZoneOffset", "disposition", "example:extension");
  fc.assert(
    fc.property(fc.constantFrom(...samples), changed, ({ event, prefixes }, field) => {
      const other = { ...event, [field]: "urn:x:other" };
      expect(hashId(other, prefixes)).not.toBe(hashId(event, prefixes));
    }),
  );
});

test("a canonical identifier stays as it is", () => {
  const identifiers = sampleDocuments("hash").flatMap(({ events }) =>
    events.flatMap(({ epcList }) => (epcList ?? []) as readonly string[]),
  );
  for (const identifier of identifiers) expect(canonicalUri(canonicalUri(identifier))).toBe(canonicalUri(identifier));
});

test.each([
  ["26.0", "26"],
  ["+012.50", "12.5"],
  ["0.00001", "1e-05"],
  [" shipped ", "shipped"],
  ["1.2.3", "1.2.3"],
  ["urn:epcglobal:cbv:bizstep:packing", "https://ref.gs1.org/cbv/BizStep-packing"],
  ["https://example.com/some/gtin/614141123452/cpv/2A/lot/L1/ser/7?x=1", "https://id.gs1.org/01/00614141123452/21/7"],
])("the value %s is %s", (value, canonical) => {
  expect(canonicalValue(value)).toBe(canonical);
});

test.each([
  ["2005-04-03T20:33:31.116000-06:00", "2005-04-04T02:33:31.116Z"],
  ["2023-02-02T11:04:03.1415Z", "2023-02-02T11:04:03.142Z"],
  ["2023-02-02T11:04:03.9999Z", "2023-02-02T11:04:04.000Z"],
  ["2023-02-02T11:04:03+01:00", "2023-02-02T10:04:03.000Z"],
])("the time %s is %s", (time, canonical) => {
  expect(canonicalTime(time)).toBe(canonical);
});
