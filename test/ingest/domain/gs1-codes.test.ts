import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { checkDigit, hasValidCheckDigit, withCheckDigit } from "../../../ingest/domain/gs1/check-digit.ts";
import { parseDigitalLink } from "../../../ingest/domain/gs1/digital-link.ts";
import { type ElementsResult, parseElementString } from "../../../ingest/domain/gs1/element-string.ts";
import { parseScannedCode } from "../../../ingest/domain/gs1/scanned-code.ts";

const GS = "\u001D";
const entries = (result: ElementsResult) => (result.ok ? Object.fromEntries(result.elements) : result.detail);

describe("check digit", () => {
  it.each([
    ["10614141234567890", "8"],
    ["10614141123456789", "7"],
    ["629104150021", "3"],
    ["8061414112345", "8"],
    ["0000000", "0"],
  ])("of %s is %s", (digits, check) => expect(checkDigit(digits)).toBe(check));

  it("detects any single wrong digit", () => {
    const digits = fc.stringMatching(/^\d{17}$/);
    fc.assert(
      fc.property(digits, fc.nat(17), fc.integer({ min: 1, max: 9 }), (body, at, by) => {
        const key = withCheckDigit(body);
        const wrong = key.slice(0, at) + String((Number(key[at]) + by) % 10) + key.slice(at + 1);
        expect(hasValidCheckDigit(key)).toBe(true);
        expect(hasValidCheckDigit(wrong)).toBe(false);
      }),
    );
  });

  it("throws on anything but digits", () => expect(() => checkDigit("12a")).toThrow(RangeError));
});

describe("element strings", () => {
  it.each([
    ["00106141412345678908", { "00": "106141412345678908" }],
    [`0109521101530001211234${GS}10ABC`, { "01": "09521101530001", "21": "1234", "10": "ABC" }],
    [`]C10109521101530001${GS}17261231`, { "01": "09521101530001", "17": "261231" }],
    [`${GS}3103001750${GS}10L1${GS}`, { "3103": "001750", "10": "L1" }],
    ["(01)09521101530001(21)A(1)", { "01": "09521101530001", "21": "A(1)" }],
    ["(00)106141412345678908", { "00": "106141412345678908" }],
    ["(8003)095211411234545678", { "8003": "095211411234545678" }],
    ["(01)09521101530001(17)260400(15)240229", { "01": "09521101530001", "17": "260400", "15": "240229" }],
    ["(01)09521101530001(3103)000500(10)B/2", { "01": "09521101530001", "3103": "000500", "10": "B/2" }],
  ])("reads %j", (text, elements) => expect(entries(parseElementString(text))).toEqual(elements));

  it.each([
    ["00106141412345678900", "wrong check digit"],
    ["0109521101530", "cannot hold"],
    ["(01)0952110153000X", "cannot hold"],
    ["(05)1", "no application identifier"],
    ["(01)09521101530001(01)80614141123458", "comes twice"],
    [`0109521101530001${GS}x`, "no application identifier"],
    ["", "no application identifier"],
    ["x(01)09521101530001", "no application identifier"],
    ["(10)", "cannot hold"],
    ["(01)09521101530001(17)260431", "date that does not exist"],
    ["(01)09521101530001(15)261301", "date that does not exist"],
    ["(01)09521101530001(11)250229", "date that does not exist"],
    ["0109521101530001172604311010L", "date that does not exist"],
    ["010952110153000121ABC17261231", "cannot be told apart"],
    ["010952110153000110L117260430211234", "cannot be told apart"],
    [`01095211015300012112345678901234567890123`, "separators between its parts are missing"],
  ])("refuses %j: %s", (text, why) => expect(entries(parseElementString(text))).toContain(why));

  it.each([
    ["010952110153000110LOT121S1", "(10)LOT1 and (21)S1"],
    ["010952110153000121S110LOT", "(21)S1 and (10)LOT"],
    ["010952110153000110LOT13712", "(10)LOT1 and (37)12"],
  ])("says how else %s may be read", (text, split) => {
    const result = parseElementString(text);
    expect(result.ok && result.doubt).toContain(split);
  });

  it.each([`010952110153000110LOT121S1${GS}21S2`, "0109521101530001211021300", "(01)09521101530001(10)LOT121S1"])(
    "has no doubt about %j",
    (text) => {
      const result = parseElementString(text);
      expect(result.ok && result.doubt).toBe(undefined);
    },
  );

  it("never throws, whatever is scanned", () => {
    const near = fc
      .array(fc.constantFrom("01", "00", "21", "(", ")", GS, "9", "09521101530001", "A"))
      .map((all) => all.join(""));
    fc.assert(fc.property(fc.oneof(fc.string(), near), (text) => void parseScannedCode(text)));
  });
});

describe("Digital Links", () => {
  it.each([
    ["https://id.gs1.org/00/106141412345678908", { "00": "106141412345678908" }],
    [
      "https://example.com/some/path/01/09521101530001/10/ABC/21/1%2F2?17=261231&utm=x",
      {
        "01": "09521101530001",
        "10": "ABC",
        "21": "1/2",
        "17": "261231",
      },
    ],
    ["http://example.com/01/614141123452", { "01": "00614141123452" }],
    ["https://id.gs1.org/414/0614141123452/254/5678/", { "414": "0614141123452", "254": "5678" }],
  ])("reads %s", (text, elements) => expect(entries(parseDigitalLink(text))).toEqual(elements));

  it.each([
    ["https://example.com/", "no GS1 key"],
    ["https://example.com/01/09521101530002", "wrong check digit"],
    ["https://example.com/01/09521101530001/21/%E0%A4", "percent-escape"],
    ["ftp://example.com/01/09521101530001", "not a web address"],
    ["https://", "not a web address"],
  ])("refuses %s", (text, why) => expect(entries(parseDigitalLink(text))).toContain(why));
});

describe("scanned codes", () => {
  it.each([
    ["106141412345678908", { sscc: "106141412345678908" }],
    ["(00)106141412345678908", { sscc: "106141412345678908" }],
    ["https://id.gs1.org/00/106141412345678908", { sscc: "106141412345678908" }],
    ["1 0614141 234567890 8", { sscc: "106141412345678908" }],
    ["(00) 1 0614141 234567890 8", { sscc: "106141412345678908" }],
    ["(01) 09521101530001 (21) A1 (30) 12", { gtin: "09521101530001", serial: "A1", quantity: 12 }],
    ["6291041500213", { gtin: "06291041500213" }],
    ["6 291041 500213", { gtin: "06291041500213" }],
    ["]E06291041500213", { gtin: "06291041500213" }],
    ["(02)09521101530001(37)24", { gtin: "09521101530001", quantity: 24 }],
    ["(01)09521101530001(3103)001750", { gtin: "09521101530001", netWeightGrams: 1750 }],
    [
      "6291041500214",
      { text: "6291041500214", problem: "GTIN 6291041500214 has a wrong check digit (3 would be right)" },
    ],
    ["(01)09521101530001(21)A/1", { gtin: "09521101530001", serial: "A/1" }],
    ["https://id.gs1.org/01/09521101530001/21/A%2F1", { gtin: "09521101530001", serial: "A/1" }],
    [
      "urn:epc:id:sgtin:952110.0153000.A%2F1",
      { gtin: "09521101530001", serial: "A/1", epc: "urn:epc:id:sgtin:952110.0153000.A%2F1" },
    ],
    [
      "3674257BF6B7A659B2C2BF100000000000000000000000000000",
      { gtin: "70614141123451", serial: "32a/b", epc: "urn:epc:id:sgtin:0614141.712345.32a%2Fb" },
    ],
    [
      "(00)106141412345678908(02)09521101530001(37)24",
      { sscc: "106141412345678908", gtin: "09521101530001", quantity: 24 },
    ],
    ["(01)09521101530001(30)12(17)260200", { gtin: "09521101530001", quantity: 12, expiry: "2026-02-28" }],
    [
      "(01)09521101530001(17)260431",
      {
        text: "(01)09521101530001(17)260431",
        problem: "(17) 260431 is a date that does not exist: year, month, day",
      },
    ],
    ["SKU-1042", { text: "SKU-1042" }],
    ["10ABC", { text: "10ABC" }],
    ["https://example.com/shop", { text: "https://example.com/shop" }],
  ])("%s", (code, named) => expect(parseScannedCode(code)).toEqual(named));
});
