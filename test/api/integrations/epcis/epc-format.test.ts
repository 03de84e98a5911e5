import { describe, expect, test } from "vitest";
import {
  EPC_FORMATS,
  epcFormatOf,
  identifierIn,
  inEpcFormat,
} from "../../../../api/integrations/epcis/answers/epc-format.ts";
import { eventText, withContext } from "../../../../api/integrations/epcis/answers/event-text.ts";
import { canonicalUri } from "../../../../api/integrations/epcis/identifiers/canonical-uri.ts";
import { sampleDocuments } from "./samples.ts";

const PREFIXES = ["0614141", "4012345", "4054739", "5200001", "4000001", "4047023", "4012344", "0012345"];
const bodies = sampleDocuments("valid").flatMap(({ events }) => events.map((event) => JSON.stringify(event, null, 2)));

test.each([
  ["urn:epc:id:sgtin:0614141.812345.6789", "https://id.gs1.org/01/80614141123458/21/6789"],
  ["urn:epc:id:sscc:0614141.1234567890", "https://id.gs1.org/00/106141412345678908"],
  ["urn:epc:id:sgln:4012345.00005.0", "https://id.gs1.org/414/4012345000054"],
  ["urn:epc:class:lgtin:4054739.099914.20160711", "https://id.gs1.org/01/04054739999148/10/20160711"],
  ["urn:epc:idpat:sgtin:4012345.066666.*", "https://id.gs1.org/01/04012345666663"],
])("%s is %s, and back where the company prefix is known", (urn, link) => {
  expect(identifierIn(urn, "Always_GS1_Digital_Link", [])).toBe(link);
  expect(identifierIn(link, "Always_EPC_URN", PREFIXES)).toBe(urn);
  expect(identifierIn(link, "Always_EPC_URN", ["9999999"])).toBe(link);
  expect(identifierIn(urn, "Always_EPC_URN", [])).toBe(urn);
});

describe("of all samples", () => {
  test("no preference and no translation leave every letter", () => {
    for (const body of bodies) {
      expect(inEpcFormat(body, "No_Preference", PREFIXES)).toBe(body);
      expect(inEpcFormat(body, "Never_Translates", PREFIXES)).toBe(body);
    }
  });

  test("Digital Links name the same things, and no URN is left but in extensions", () => {
    for (const body of bodies) {
      const text = inEpcFormat(body, "Always_GS1_Digital_Link", []);
      expect(text).not.toMatch(/"urn:epc:(?:id|class|idpat):(?!giai:\d+\.vehicle)/);
      const before = [...body.matchAll(/"((?:urn:epc|https:\/\/id)[^"]*)"/g)].map(([, uri]) => canonicalUri(uri!));
      const after = [...text.matchAll(/"((?:urn:epc|https:\/\/id)[^"]*)"/g)].map(([, uri]) => canonicalUri(uri!));
      expect(after).toEqual(before);
      expect(Object.keys(JSON.parse(text) as object)).toEqual(Object.keys(JSON.parse(body) as object));
    }
  });
});

test("a header that names no format has none", () => {
  expect(EPC_FORMATS.map((format) => epcFormatOf(format))).toEqual(EPC_FORMATS);
  expect(epcFormatOf(undefined)).toBe("No_Preference");
  expect(epcFormatOf("URN")).toBeUndefined();
});

test("an answer has the id and the time of its record where the sender gave none, and the numbers as sent", () => {
  const stored = { eventId: "urn:x:1", recordTime: new Date(0) };
  const text = eventText({ ...stored, body: '{ "type": "ObjectEvent", "example:n": 1.10 }' }, "No_Preference", []);
  expect(text).toBe(
    '{"eventID":"urn:x:1","recordTime":"1970-01-01T00:00:00.000Z", "type": "ObjectEvent", "example:n": 1.10 }',
  );
  const sent = '{"eventID":"urn:x:2","recordTime":"2020-01-01T00:00:00Z"}';
  expect(eventText({ ...stored, body: sent }, "No_Preference", [])).toBe(sent);
  expect(withContext(sent, sent, '["urn:x:c"]')).toBe(`{"@context":["urn:x:c"],${sent.slice(1)}`);
});
