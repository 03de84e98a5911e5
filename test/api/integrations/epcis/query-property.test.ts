import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { queryOfJson } from "../../../../api/integrations/epcis/query/parse-query.ts";
import { findPage } from "../../../../api/integrations/epcis/query/find-events.ts";
import type { PagePosition } from "../../../../api/integrations/epcis/query/page-token.ts";
import { appendEpcisEvents } from "../../../../api/integrations/epcis/repository/append.ts";
import { transaction } from "../../../../ingest/decisions/record-facts.ts";
import { createDatabase, type TestDatabase } from "../../../support/postgres.ts";

/*
 * Any query finds the same as a plain filter over the events in memory. Values are in their canonical form, so that the filter need not know
 * how else they may be written: the table of queries.test.ts proves that.
 */

const NS = "https://ns.example.com/epcis/";
const STEPS = ["shipping", "receiving", "packing"].map((step) => `https://ref.gs1.org/cbv/BizStep-${step}`);
const PLACES = ["4012345000054", "4012345000061"].map((gln) => `https://id.gs1.org/414/${gln}`);
const EPCS = Array.from(
  { length: 6 },
  (_, nr) => `https://id.gs1.org/01/${nr < 3 ? "10614141073464" : "04012345999990"}/21/${nr}`,
);
const CLASSES = ["https://id.gs1.org/01/04012345999990/10/A", "https://id.gs1.org/01/04012345999990/10/B"];
const TIMES = Array.from({ length: 5 }, (_, day) => `2026-03-0${day + 1}T08:00:00.000Z`);

interface Sample {
  type: "ObjectEvent" | "TransformationEvent";
  eventID: string;
  eventTime: string;
  eventTimeZoneOffset: string;
  action?: string;
  bizStep?: string;
  readPoint?: { id: string };
  epcList?: string[];
  inputEPCList?: string[];
  outputEPCList?: string[];
  quantityList?: { epcClass: string; quantity: number; uom?: string }[];
  sensorElementList?: { sensorReport: { type: string; value: number; uom: string }[] }[];
  "ex:field"?: string | number | { "ex:inner": number };
}

const few = <T>(values: readonly T[]) => fc.uniqueArray(fc.constantFrom(...values), { minLength: 1, maxLength: 3 });
const maybe = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined });
const extension = fc.oneof(
  fc.constantFrom("red", "7", "12"),
  fc.integer({ min: 1, max: 15 }),
  fc.record({ "ex:inner": fc.integer({ min: 1, max: 3 }) }),
);
const quantities = fc.array(
  fc.record({
    epcClass: fc.constantFrom(...CLASSES),
    quantity: fc.integer({ min: 1, max: 5 }),
    uom: maybe(fc.constantFrom("KGM", "LTR")),
  }),
  { minLength: 1, maxLength: 2 },
);
const sensors = fc.array(
  fc.record({
    sensorReport: fc.array(
      fc.record({
        type: fc.constantFrom("https://gs1.org/voc/Temperature", "https://gs1.org/voc/Speed"),
        value: fc.integer({ min: 0, max: 5 }),
        uom: fc.constantFrom("CEL", "KMH"),
      }),
      { minLength: 1, maxLength: 2 },
    ),
  }),
  { minLength: 1, maxLength: 2 },
);
const common = {
  eventTime: fc.constantFrom(...TIMES),
  bizStep: maybe(fc.constantFrom(...STEPS)),
  readPoint: maybe(fc.record({ id: fc.constantFrom(...PLACES) })),
  sensorElementList: maybe(sensors),
  "ex:field": maybe(extension),
};
const event = fc.oneof(
  fc.record({
    ...common,
    action: fc.constantFrom("ADD", "OBSERVE"),
    epcList: few(EPCS),
    quantityList: maybe(quantities),
  }),
  fc.record({ ...common, inputEPCList: few(EPCS), outputEPCList: few(EPCS) }),
);

const PATTERNS = [...EPCS, "urn:epc:idpat:sgtin:0614141.107346.*", "https://id.gs1.org/01/04012345999990/21/*"];
const query = fc
  .record(
    {
      eventType: few(["ObjectEvent", "TransformationEvent"]),
      EQ_action: few(["ADD", "OBSERVE"]),
      EQ_bizStep: few(STEPS),
      EQ_readPoint: few(PLACES),
      GE_eventTime: fc.constantFrom(...TIMES),
      LT_eventTime: fc.constantFrom(...TIMES),
      MATCH_epc: few(PATTERNS),
      MATCH_inputEPC: few(PATTERNS),
      MATCH_anyEPC: few(PATTERNS),
      MATCH_epcClass: few(CLASSES),
      GE_quantity: fc.integer({ min: 1, max: 5 }),
      LT_quantity_KGM: fc.integer({ min: 1, max: 5 }),
      GT_value_CEL: fc.integer({ min: 0, max: 5 }),
      EQ_type: few(["Temperature", "Speed"]),
      [`EQ_${NS}field`]: few(["red", "7", "12", "9"]),
      [`GE_${NS}field`]: fc.integer({ min: 1, max: 15 }),
      [`EXISTS_${NS}field`]: fc.constant(null),
      [`EQ_INNER_${NS}inner`]: few([1, 2, 3]),
    },
    { requiredKeys: [] },
  )
  .map((all) => all as Record<string, unknown>);

const fits = (pattern: string, epc: string): boolean =>
  pattern === epc ||
  (pattern.startsWith("urn:") && epc.startsWith("https://id.gs1.org/01/10614141073464/21/")) ||
  (pattern.endsWith("*") && epc.startsWith(pattern.slice(0, -1)));
const numberOf = (value: unknown): number => (typeof value === "object" ? Number.NaN : Number(value));

/** What each parameter asks, in plain words. */
const ASKS: Readonly<Record<string, (event: Sample, value: never) => boolean>> = {
  eventType: ({ type }, types: string[]) => types.includes(type),
  EQ_action: ({ action = "" }, actions: string[]) => actions.includes(action),
  EQ_bizStep: ({ bizStep = "" }, steps: string[]) => steps.includes(bizStep),
  EQ_readPoint: ({ readPoint }, places: string[]) => readPoint !== undefined && places.includes(readPoint.id),
  GE_eventTime: ({ eventTime }, at: string) => eventTime >= at,
  LT_eventTime: ({ eventTime }, at: string) => eventTime < at,
  MATCH_epc: ({ epcList = [] }, patterns: string[]) => epcList.some((epc) => patterns.some((each) => fits(each, epc))),
  MATCH_inputEPC: ({ inputEPCList = [] }, patterns: string[]) =>
    inputEPCList.some((epc) => patterns.some((each) => fits(each, epc))),
  MATCH_anyEPC: ({ epcList = [], inputEPCList = [], outputEPCList = [] }, patterns: string[]) =>
    [...epcList, ...inputEPCList, ...outputEPCList].some((epc) => patterns.some((each) => fits(each, epc))),
  MATCH_epcClass: ({ quantityList = [] }, classes: string[]) =>
    quantityList.some(({ epcClass }) => classes.includes(epcClass)),
  GE_quantity: ({ quantityList = [] }, least: number) => quantityList.some(({ quantity }) => quantity >= least),
  LT_quantity_KGM: ({ quantityList = [] }, most: number) =>
    quantityList.some(({ quantity, uom }) => uom === "KGM" && quantity < most),
  GT_value_CEL: ({ sensorElementList = [] }, least: number) =>
    sensorElementList.some(({ sensorReport }) => sensorReport.some(({ uom, value }) => uom === "CEL" && value > least)),
  EQ_type: ({ sensorElementList = [] }, types: string[]) =>
    sensorElementList.some(({ sensorReport }) =>
      sensorReport.some(({ type }) => types.includes(type.replace("https://gs1.org/voc/", ""))),
    ),
  [`EQ_${NS}field`]: (event, values: string[]) =>
    typeof event["ex:field"] !== "object" && values.includes(String(event["ex:field"])),
  [`GE_${NS}field`]: (event, least: number) => numberOf(event["ex:field"]) >= least,
  [`EXISTS_${NS}field`]: (event) => event["ex:field"] !== undefined,
  [`EQ_INNER_${NS}inner`]: (event, values: number[]) =>
    typeof event["ex:field"] === "object" && values.includes(event["ex:field"]["ex:inner"]),
};

let db: TestDatabase;
let events: Sample[];
beforeAll(async () => {
  db = await createDatabase();
  const drawn = fc.sample(event, { numRuns: 300, seed: 20_260_301 });
  events = drawn.map((fields, nr) => {
    const type = "action" in fields ? "ObjectEvent" : "TransformationEvent";
    const made = { type, eventID: `urn:example:${nr}`, eventTimeZoneOffset: "+00:00", ...fields };
    return JSON.parse(JSON.stringify(made)) as Sample;
  });
  const context = ["https://ref.gs1.org/standards/epcis/epcis-context.jsonld", { ex: NS }];
  await transaction(db.pool, (client) =>
    appendEpcisEvents(
      client,
      events.map((event) => ({ event: event as never })),
      { source: "captured", context },
    ),
  );
});
afterAll(() => db?.drop());

test("a query finds what a plain filter finds, in the same order, on any pages", async () => {
  await fc.assert(
    fc.asyncProperty(query, fc.integer({ min: 1, max: 120 }), fc.boolean(), async (asked, perPage, byTime) => {
      const expected = events.filter((event) =>
        Object.entries(asked).every(([name, value]) => ASKS[name]!(event, value as never)),
      );
      // Events of a time come by it.
      const isOfTime = "GE_eventTime" in asked || "LT_eventTime" in asked;
      if (byTime || isOfTime) expected.sort((a, b) => a.eventTime.localeCompare(b.eventTime));
      const parsed = queryOfJson({ ...asked, ...(byTime && { orderBy: "eventTime", orderDirection: "ASC" }) });
      const found: string[] = [];
      let next: PagePosition | undefined;
      do {
        const page = await findPage(db.pool, parsed, next, perPage);
        found.push(...page.events.map(({ eventId }) => eventId));
        next = page.next;
      } while (next !== undefined);
      expect(found).toEqual(expected.map(({ eventID }) => eventID));
    }),
    { numRuns: process.env["LONG"] === "1" ? 2_000 : 120 },
  );
});
