import { afterAll, beforeAll, expect, test } from "vitest";
import { inUnitsOf } from "../../../../api/integrations/epcis/query/units.ts";
import { CONTEXT, eventWith } from "../../resources/epcis/epcis-test.ts";
import { startApi, type TestApi } from "../../support.ts";

const inUnit = (value: number, from: string, to: string, isDifference = false): number | undefined =>
  inUnitsOf(from, [value], isDifference).find(({ unit }) => unit === to)?.values[0];

test.each([
  [21.5, "CEL", "FAH", 70.7],
  [-40, "FAH", "CEL", -40],
  [0, "CEL", "KEL", 273.15],
  [0, "CEL", "A48", 491.67],
  [100, "KMH", "MTS", 27.7777777778],
  [1, "LBR", "GRM", 453.59237],
  [1, "SMI", "KMT", 1.609344],
  [1, "ATM", "A97", 1013.25],
  [1, "KWH", "JOU", 3_600_000],
  [90, "DD", "C81", 1.57079632679],
])("%d %s are so much in %s", (value, from, to, expected) => {
  expect(inUnit(value, from, to)).toBe(expected);
  expect(inUnit(expected, to, from)).toBeCloseTo(value, 9);
});

test("a spread has no beginning of its scale, and an unknown unit is only itself", () => {
  expect(inUnit(9, "FAH", "CEL", true)).toBe(5);
  expect(inUnitsOf("P71", [0.005])).toEqual([{ unit: "P71", values: [0.005] }]);
});

let api: TestApi;
let operator: Awaited<ReturnType<TestApi["as"]>>;
const reports: Readonly<Record<string, object>> = {
  celsius: { type: "Temperature", value: 21.5, sDev: 0.5, uom: "CEL" },
  fahrenheit: { type: "Temperature", value: 70.7, sDev: 0.9, uom: "FAH" },
  kelvin: { type: "Temperature", value: 275, minValue: 270, uom: "KEL" },
  speed: { type: "Speed", value: 21.5, uom: "KMH" },
};
beforeAll(async () => {
  api = await startApi();
  operator = await api.as("operator");
  for (const [name, report] of Object.entries(reports)) {
    const event = eventWith({ eventID: `urn:example:${name}`, sensorElementList: [{ sensorReport: [report] }] });
    expect((await operator("POST /epcis/events", { "@context": CONTEXT, ...event })).status).toBe(201);
  }
});
afterAll(() => api?.close());

test.each([
  ["EQ_value_CEL=21.5", ["celsius", "fahrenheit"]],
  ["EQ_value_FAH=70.7", ["celsius", "fahrenheit"]],
  ["EQ_value_KEL=294.65", ["celsius", "fahrenheit"]],
  ["GE_value_CEL=21.5", ["celsius", "fahrenheit"]],
  ["GT_value_CEL=21.5", []],
  ["LT_value_CEL=2", ["kelvin"]],
  ["LE_value_KEL=275", ["kelvin"]],
  ["LT_minValue_CEL=-3", ["kelvin"]],
  ["EQ_sDev_CEL=0.5", ["celsius", "fahrenheit"]],
  ["GE_value_MTS=5.9", ["speed"]],
  ["GE_value_MTS=6", []],
  ["EQ_value_P71=21.5", []],
])("%s finds what was measured in any unit for it", async (query, names) => {
  const { status, body } = await operator(`GET /epcis/events?${query}`);
  expect(status).toBe(200);
  const found = [...JSON.stringify(body).matchAll(/"urn:example:(\w+)"/g)].map(([, name]) => name);
  expect(found).toEqual(names);
});
