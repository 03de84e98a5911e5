import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { describeEpc } from "../../../ingest/domain/gs1/describe-epc.ts";
import { epcText } from "../../../broker/contract/epc.ts";
import { hexOfEpcText } from "../../../ingest/domain/gs1/epc-text.ts";
import { normalizeEpc } from "../../../ingest/domain/gs1/epc.ts";

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
    [
      "3E74257BF46073061438997367D0C18B266D1AB66EE0",
      { gdti: "0614141123452" },
      "https://id.gs1.org/253/0614141123452ABCDefgh012345678",
    ],
    ["2D74257BF4499602D2000000", { gsrn: "061414112345678902" }, "https://id.gs1.org/8018/061414112345678902"],
    [
      "3D74257BF75411DEF6B4CC00000003039000",
      { cpid: "06141415PQ7/Z43" },
      "https://id.gs1.org/8010/06141415PQ7%2FZ43/8011/12345",
    ],
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
