import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { describeEpc } from "../../../ingest/domain/gs1/describe-epc.ts";
import { type Tag, tagFromHex, tagToHex } from "../../../ingest/domain/gs1/epc-binary.ts";
import { digitalLinkOf } from "../../../ingest/domain/gs1/epc-keys.ts";
import { epcOfDigitalLink } from "../../../ingest/domain/gs1/epc-of-digital-link.ts";
import { type EpcScheme, hasSerial, layoutOf } from "../../../ingest/domain/gs1/epc-schemes.ts";
import {
  formatPureIdentity,
  formatTagUri,
  parsePureIdentity,
  parseTagUri,
} from "../../../ingest/domain/gs1/epc-uri.ts";
import { epcText } from "../../../broker/contract/epc.ts";
import { hexOfEpcText } from "../../../ingest/domain/gs1/epc-text.ts";
import { normalizeEpc } from "../../../ingest/domain/gs1/epc.ts";
import { sampleData } from "../../fixtures/sample-data.ts";

/** Any EPC that fits 96 bits, of every scheme and every length of company prefix. */
const anyTag: fc.Arbitrary<Tag> = fc
  .record({
    scheme: fc.constantFrom<EpcScheme>("sgtin", "sscc", "sgln", "grai", "giai"),
    prefixDigits: fc.integer({ min: 6, max: 12 }),
    digits: fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 24, maxLength: 24 }),
    number: fc.bigInt({ min: 0n, max: 2n ** 41n - 1n }),
    filter: fc.integer({ min: 0, max: 7 }),
  })
  .map(({ scheme, prefixDigits, digits, number, filter }) => {
    const text = digits.join("");
    const { keyDigits, serialBits } = layoutOf(scheme);
    const reference = keyDigits === undefined ? number.toString() : text.slice(prefixDigits, keyDigits);
    const serial = hasSerial(scheme) ? (number % 2n ** BigInt(serialBits)).toString() : "";
    return { epc: { scheme, companyPrefix: text.slice(0, prefixDigits), reference, serial }, filter };
  });

describe("EPC, 96 bits", () => {
  it("reads and writes every row of the sample table", () => {
    const rows = sampleData("epc/epc_hex_uri.csv").trim().split("\n").slice(1);
    expect(rows.length).toBeGreaterThan(30);
    for (const row of rows) {
      const [hex = "", tagUri = "", pureIdentity = ""] = row.split(",");
      const tag = tagFromHex(hex);
      expect(tag && formatTagUri(tag), hex).toBe(tagUri);
      expect(tag && formatPureIdentity(tag.epc), hex).toBe(pureIdentity);
      const back = parseTagUri(tagUri);
      expect(back && tagToHex(back), tagUri).toBe(hex);
      expect(describeEpc(pureIdentity, { filter: tag?.filter })?.hex, pureIdentity).toBe(hex);
    }
  });

  it("is the same from bits, tag URI, pure identity, base64 and Digital Link", () => {
    fc.assert(
      fc.property(anyTag, (tag) => {
        const hex = tagToHex(tag) ?? "";
        expect(tagFromHex(hex)).toEqual(tag);
        expect(parseTagUri(formatTagUri(tag))).toEqual(tag);
        expect(parsePureIdentity(formatPureIdentity(tag.epc))).toEqual(tag.epc);
        expect(normalizeEpc(Buffer.from(hex, "hex").toString("base64")).hex).toBe(hex);
        expect(epcOfDigitalLink(digitalLinkOf(tag.epc), tag.epc.companyPrefix.length)).toEqual(tag.epc);
      }),
      { numRuns: 5000 },
    );
  });

  it("decodes any bits without throwing, and encodes them back", () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 12, maxLength: 12 }),
        fc.integer({ min: 0x30, max: 0x34 }),
        (bytes, header) => {
          bytes[0] = header;
          const hex = Buffer.from(bytes).toString("hex").toUpperCase();
          const tag = tagFromHex(hex);
          expect(tag ? tagToHex(tag) : hex).toBe(hex);
        },
      ),
      { numRuns: 5000 },
    );
  });

  it.each([
    ["partition 7", "301C257BF7194E4000001A85"],
    ["a company prefix with too many digits", "3003FFFFFFFFFFC000000001"],
    ["bits after an SSCC", "3174257BF4499602D2000001"],
    ["a header that is not GS1's", "7EDA9038051002710002C0AE"],
    ["SGTIN+", "F7274257BF7194E4000001A8"],
    ["the bits of a longer tag", "3674257BF7194E4000001A8500000000"],
  ])("keeps a tag with %s raw", (_, hex) => {
    expect(tagFromHex(hex)).toBeUndefined();
    expect(normalizeEpc(hex.toLowerCase())).toEqual({ hex, key: hex });
    expect(describeEpc(hex)?.scheme).toBe("raw");
    expect(normalizeEpc(describeEpc(hex)?.uri ?? "")).toEqual({ hex, key: hex });
  });

  it("does not encode what does not fit 96 bits", () => {
    const epc = parsePureIdentity("urn:epc:id:sgtin:0614141.812345.A%2F1");
    expect(epc).toBeDefined();
    expect(epc && tagToHex({ epc, filter: 3 })).toBeUndefined();
    for (const serial of ["0123", "274877906944"]) {
      expect(describeEpc(`urn:epc:id:sgtin:0614141.812345.${serial}`, { filter: 3 })?.hex).toBeUndefined();
    }
    expect(describeEpc("urn:epc:id:sgtin:0614141.812345.274877906943", { filter: 3 })?.hex).toHaveLength(24);
  });

  it.each([
    "urn:epc:id:sgtin:0614141.81234.6789",
    "urn:epc:id:sgtin:06141.81234567.6789",
    "urn:epc:id:sscc:0614141.12345678901",
    "urn:epc:id:sscc:0614141.1234567890.1",
    "urn:epc:id:sgtin:0614141.812345",
    "urn:epc:id:unknown:0614141.812345.1",
    "urn:epc:tag:sgtin-96:8.0614141.812345.6789",
    "urn:epc:id:sgtin:0614141.812345.%00",
  ])("refuses %s", (uri) => {
    expect(describeEpc(uri)).toBeUndefined();
    expect(normalizeEpc(uri)).toEqual({ key: uri });
  });
});

describe("a text that names a tag", () => {
  const isEpc = (text: string) => epcText.safeParse(text).success;

  it.each([
    "3074257BF7194E4000001A85",
    "3074257bf7194e4000001a85",
    "e28011700000020a7c5d3f11",
    "AB",
    "MHQle/cZTkAAABqF",
    "urn:epc:id:sgtin:0614141.812345.6789",
    "urn:epc:tag:sgtin-96:3.0614141.812345.6789",
    "urn:epc:raw:96.xE28011700000020A7C5D3F11",
    "urn:epc:id:gdti:0614141.12345.400",
    "URN:EPC:ID:sgtin:0614141.812345.32a%2Fb",
  ])("%s", (text) => expect(isEpc(text)).toBe(true));

  it.each([
    "garbage!",
    "garbage",
    "",
    " ",
    "ABC",
    "PALLET-7",
    "crate1",
    "urn:epc:",
    "urn:epc:idpat:sgtin:*.*.*",
    "urn:x:y",
  ])("is not %j", (text) => expect(isEpc(text)).toBe(false));

  it("is bits if it is no URI", () => {
    const texts = fc.oneof(
      fc.uint8Array({ minLength: 1, maxLength: 20 }).map((bytes) => Buffer.from(bytes).toString("base64")),
      fc.uint8Array({ minLength: 1, maxLength: 20 }).map((bytes) => Buffer.from(bytes).toString("base64url")),
      fc.uint8Array({ minLength: 1, maxLength: 20 }).map((bytes) => Buffer.from(bytes).toString("hex")),
      fc.string({ unit: fc.constantFrom("A", "Q", "c", "0", "g", "=", "/", "é"), maxLength: 20 }),
      fc.string({ maxLength: 20 }),
    );
    const outside = (text: string) => text === text.trim();
    fc.assert(
      fc.property(texts.filter(outside), (text) => {
        expect(isEpc(text)).toBe(hexOfEpcText(text) !== undefined);
      }),
      { numRuns: 20_000 },
    );
  });
});

describe("one tag, one key", () => {
  const key = "urn:epc:id:sgtin:0614141.812345.6789";
  it.each([
    "3074257BF7194E4000001A85",
    "3074257bf7194e4000001a85",
    " 3074257BF7194E4000001A85 ",
    "MHQle/cZTkAAABqF",
    "urn:epc:tag:sgtin-96:3.0614141.812345.6789",
    "urn:epc:tag:sgtin-96:1.0614141.812345.6789",
    "URN:EPC:ID:SGTIN:0614141.812345.6789",
  ])("%s", (text) => expect(normalizeEpc(text).key).toBe(key));

  it("is the text itself when it is no EPC", () => {
    expect(normalizeEpc("PALLET-7")).toEqual({ key: "PALLET-7" });
    expect(normalizeEpc("crate1")).toEqual({ key: "crate1" });
  });
});

describe("the description of an EPC", () => {
  it("has every form of an SGTIN", () => {
    expect(describeEpc("MHQle/cZTkAAABqF")).toEqual({
      scheme: "sgtin",
      uri: "urn:epc:id:sgtin:0614141.812345.6789",
      tag_uri: "urn:epc:tag:sgtin-96:3.0614141.812345.6789",
      hex: "3074257BF7194E4000001A85",
      base64: "MHQle/cZTkAAABqF",
      filter: 3,
      gtin: "80614141123458",
      company_prefix: "0614141",
      serial: "6789",
      digital_link: "https://id.gs1.org/01/80614141123458/21/6789",
    });
  });

  it.each([
    ["3174257BF4499602D2000000", { sscc: "106141412345678908" }, "https://id.gs1.org/00/106141412345678908"],
    ["3274257BF46072000000162E", { gln: "0614141123452" }, "https://id.gs1.org/414/0614141123452/254/5678"],
    ["3376451FD40C0E400000162E", { grai: "9521141123454" }, "https://id.gs1.org/8003/095211411234545678"],
    ["34187E18C000000000051D01", { giai: "129123335105" }, "https://id.gs1.org/8004/129123335105"],
  ])("gives %s its GS1 key and link", (hex, key, link) => {
    expect(describeEpc(hex)).toMatchObject({ ...key, digital_link: link });
  });

  it("has the bits of a pure identity only with a filter", () => {
    const uri = "urn:epc:id:sscc:0614141.1234567890";
    expect(describeEpc(uri)).not.toHaveProperty("hex");
    expect(describeEpc(uri)).not.toHaveProperty("tag_uri");
    expect(describeEpc(uri, { filter: 3 })).toMatchObject({ hex: "3174257BF4499602D2000000", filter: 3 });
    expect(describeEpc(uri, { filter: 8 })).not.toHaveProperty("hex");
  });

  it("has the keys of a Digital Link, and its EPC if the length of the company prefix is known", () => {
    const link = "https://example.com/01/80614141123458/21/6789";
    const epc = "urn:epc:id:sgtin:0614141.812345.6789";
    expect(describeEpc(link, { companyPrefixLength: 7 })?.uri).toBe(epc);
    expect(describeEpc(link, { companyPrefix: "0614141" })?.uri).toBe(epc);
    const canonical = "https://id.gs1.org/01/80614141123458/21/6789";
    const alone = { scheme: "sgtin", uri: canonical, gtin: "80614141123458", serial: "6789", digital_link: canonical };
    expect(describeEpc(link)).toEqual(alone);
    expect(describeEpc(link, { companyPrefix: "9521141" })).toEqual(alone);
    expect(describeEpc("https://id.gs1.org/00/106141412345678908")).toMatchObject({ sscc: "106141412345678908" });
    expect(describeEpc("https://id.gs1.org/8004/3813740")).toMatchObject({ scheme: "giai", giai: "3813740" });
    // A class of things, a wrong check digit, no GS1 key at all.
    for (const none of ["01/80614141123458", "01/80614141123457/21/6789", "shop"]) {
      expect(describeEpc(`https://id.gs1.org/${none}`)).toBeUndefined();
    }
  });
});
