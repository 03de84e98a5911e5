import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { describeEpc } from "../../../ingest/domain/gs1/describe-epc.ts";
import { tagFromHex, tagToHex } from "../../../ingest/domain/gs1/epc-binary.ts";
import { digitalLinkOf } from "../../../ingest/domain/gs1/epc-keys.ts";
import { epcOfDigitalLink } from "../../../ingest/domain/gs1/epc-of-digital-link.ts";
import { fieldsOfScheme } from "../../../ingest/domain/gs1/epc-schemes.ts";
import { ENCODINGS } from "../../../ingest/domain/gs1/epc-encodings.ts";
import { escapeEpc } from "../../../ingest/domain/gs1/epc-escapes.ts";
import {
  type EncodedTag,
  formatPureIdentity,
  formatTagUri,
  parsePureIdentity,
  parseTagUri,
} from "../../../ingest/domain/gs1/epc-uri.ts";
import { normalizeEpc } from "../../../ingest/domain/gs1/epc.ts";
import { sampleData } from "../../fixtures/sample-data.ts";

/** Of AI character set 82. */
const CHARACTERS = "!\"%&'()*+,-./09:;<=>?AZ_az".split("");

/** Any EPC, in every encoding, and of every length of company prefix. */
const anyTag: fc.Arbitrary<EncodedTag> = fc
  .record({
    encoding: fc.constantFrom(...ENCODINGS),
    prefixDigits: fc.integer({ min: 6, max: 12 }),
    digits: fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 24, maxLength: 24 }),
    number: fc.bigInt({ min: 0n, max: 2n ** 41n - 1n }),
    // A path of a web address cannot hold "." or ".." alone.
    text: fc
      .string({ unit: fc.constantFrom(...CHARACTERS), minLength: 1, maxLength: 20 })
      .filter((text) => !/^\.+$/.test(text)),
    part: fc.string({ unit: fc.constantFrom(..."#-/09AZM".split("")), minLength: 1, maxLength: 18 }),
    filter: fc.integer({ min: 0, max: 7 }),
  })
  .map(({ encoding, prefixDigits, digits, number, text, part, filter }) => {
    const all = digits.join("");
    const { scheme, serial: coding, reference: as } = encoding;
    const { keyDigits, serialLength = 0 } = fieldsOfScheme(scheme);
    const reference = {
      digits: () => all.slice(prefixDigits, keyDigits),
      number: () => (scheme === "cpi" ? number % 2n ** 11n : number).toString(),
      text: () => escapeEpc(text.slice(0, 30 - prefixDigits).slice(0, 18)),
      part: () => escapeEpc(part.slice(0, 18)),
    }[as.as]();
    const serial = {
      number: () => (number % 2n ** BigInt(Math.min(coding.bits, 39))).toString(),
      "numeric-text": () => all.slice(0, 12),
      text: () => escapeEpc(text.slice(0, serialLength)),
      reserved: () => "",
    }[coding.as]();
    const piece = encoding.hasPiece ? { piece: all.slice(0, 4) } : {};
    const epc = { scheme, companyPrefix: all.slice(0, prefixDigits), reference, serial, ...piece };
    return { epc, filter, encoding: encoding.name };
  });

describe("EPC, in bits", () => {
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
      fc.property(anyTag, (encoded) => {
        const { encoding, ...tag } = encoded;
        const hex = tagToHex(tag, encoding) ?? "";
        expect(tagFromHex(hex), `${encoding} ${formatPureIdentity(tag.epc)}`).toEqual(tag);
        expect(parseTagUri(formatTagUri(tag, encoding))).toEqual(encoded);
        expect(parsePureIdentity(formatPureIdentity(tag.epc))).toEqual(tag.epc);
        expect(normalizeEpc(Buffer.from(hex, "hex").toString("base64")).hex).toBe(hex);
        expect(epcOfDigitalLink(digitalLinkOf(tag.epc), tag.epc.companyPrefix.length)).toEqual(tag.epc);
      }),
      { numRuns: 2000 },
    );
  });

  it("decodes any bits without throwing, and encodes them back", () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 12, maxLength: 28 }),
        fc.integer({ min: 0x2c, max: 0x41 }),
        (bytes, header) => {
          bytes[0] = header;
          const hex = Buffer.from(bytes).toString("hex").toUpperCase();
          const tag = tagFromHex(hex);
          const name = ENCODINGS.find((encoding) => encoding.header === header)?.name;
          const again = tag && tagToHex(tag, name);
          // Tags may be longer than their EPC, by zeros.
          expect(hex).toMatch(new RegExp(`^${again?.replace(/0*$/, "") ?? ""}`));
          if (tag) expect(parsePureIdentity(formatPureIdentity(tag.epc))).toEqual(tag.epc);
        },
      ),
      { numRuns: 2000 },
    );
  });

  // EPC TDS 1.13, appendix E.3: the vectors of the standard.
  it.each([
    ["3674257BF6B7A659B2C2BF100000000000000000000000000000", "sgtin-198:3.0614141.712345.32a%2Fb", "32a/b"],
    ["3774257BF40C0E59B2C2BF1000000000000000000000", "grai-170:3.0614141.12345.32a%2Fb", "32a/b"],
    ["3974257BF46072CD9615F8800000000000000000000000000000", "sgln-195:3.0614141.12345.32a%2Fb", "32a/b"],
    ["3874257BF59B2C2BF10000000000000000000000000000000000", "giai-202:3.0614141.32a%2Fb", "32a/b"],
    ["2C74257BF46072000000162E", "gdti-96:3.0614141.12345.5678", "5678"],
    ["3E74257BF46073061438997367D0C18B266D1AB66EE0", "gdti-174:3.0614141.12345.ABCDefgh012345678", "ABCDefgh012345678"],
    ["3C74257BF400C0E680003039", "cpi-96:3.0614141.98765.12345", "12345"],
    ["3D74257BF75411DEF6B4CC00000003039000", "cpi-var:3.0614141.5PQ7%2FZ43.12345", "12345"],
    ["2D74257BF4499602D2000000", "gsrn-96:3.0614141.1234567890", "1234567890"],
    ["2E74257BF4499602D2000000", "gsrnp-96:3.0614141.1234567890", "1234567890"],
    ["3F74F4E4E612640000019907", "sgcn-96:3.4012345.67890.04711", "04711"],
    ["4074F4E4E40C0E40820000000F54", "itip-110:3.4012345.012345.01.02.981", "981"],
    ["4174F4E4E40C0E4082DBDD8B36600000000000000000000000000000", "itip-212:3.4012345.012345.01.02.mw133", "mw133"],
  ])("%s is %s", (hex, tag, serial) => {
    const uri = `urn:epc:tag:${tag}`;
    expect(describeEpc(hex)).toMatchObject({ tag_uri: uri, hex, serial });
    expect(describeEpc(uri)).toMatchObject({ tag_uri: uri, hex, serial });
    const { uri: pure = "" } = describeEpc(hex) ?? {};
    expect(normalizeEpc(hex).key).toBe(pure);
    expect(describeEpc(pure)?.serial).toBe(serial);
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

  it("takes the shorter encoding if it holds the serial, else the longer", () => {
    for (const serial of ["0123", "274877906944", "A%2F1"]) {
      const { hex, tag_uri: uri } = describeEpc(`urn:epc:id:sgtin:0614141.812345.${serial}`, { filter: 3 }) ?? {};
      expect(hex).toMatch(/^36[0-9A-F]{50}$/);
      expect(uri).toBe(`urn:epc:tag:sgtin-198:3.0614141.812345.${serial}`);
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
    "urn:epc:id:itip:4012345.012345.1.02.981",
    "urn:epc:id:cpi:0614141.98765.012",
    "urn:epc:id:sgcn:4012345.67890.A",
    "urn:epc:id:gsrn:0614141.123456789",
  ])("refuses %s", (uri) => {
    expect(describeEpc(uri)).toBeUndefined();
    expect(normalizeEpc(uri)).toEqual({ key: uri });
  });
});
