import { digitalLinkOfUrn } from "./epc-urn.ts";

/*
 * One spelling for one thing, as the event hash defines it (CBV 2.0 §8.9.2, rules 11 to 17): GS1 keys are Digital Links of id.gs1.org, with
 * numbers for names, GTINs of 14 digits, and no more than the finest level: with a serial no lot, never a consumer product variant.
 */

/** Keys and qualifiers that may be written as names (GS1 Digital Link 1.1). */
const NAMES: Readonly<Record<string, string>> = {
  gtin: "01",
  itip: "8006",
  cpid: "8010",
  gln: "414",
  party: "417",
  gsrnp: "8017",
  gsrn: "8018",
  gcn: "255",
  sscc: "00",
  gdti: "253",
  ginc: "401",
  gsin: "402",
  grai: "8003",
  giai: "8004",
  cpv: "22",
  lot: "10",
  ser: "21",
};
const KEYS = ["00", "01", "253", "255", "401", "402", "414", "417", "8003", "8004", "8006", "8010", "8017", "8018"];
const KEY = `(?:${[...KEYS, ...Object.keys(NAMES).slice(0, -3)].join("|")})`;
/** A name between slashes. */
const NAMED = new RegExp(`/(${Object.keys(NAMES).join("|")})(?=/)`, "g");
/** A web address with a GS1 key in its path. */
const LINK = new RegExp(`^https?:(?://[^/?#]*)?[^?#]*/${KEY}/\\d{4}[^/]`);
const CANONICAL_START = new RegExp(`^https://id\\.gs1\\.org/(?:${KEYS.join("|")})/\\d{4}[^/]`);

const TEXT = (most: number): string => `(?:["'\\-.0-9;-?A-Z_a-z]|%[0-9A-F]{2}){0,${most}}`;
const PART = "(?:[#\\-/0-9A-Z]|%[0-9A-F]{2}){0,30}";
/** The paths that canonical links have. */
const CANONICAL = new RegExp(
  `^https://id\\.gs1\\.org/(?:${[
    "00/\\d{18}",
    `01/\\d{14}(?:/21/${TEXT(20)}|/10/${TEXT(20)}|/235/${TEXT(28)})?`,
    `253/\\d{13}${TEXT(17)}`,
    "255/\\d{13}\\d{0,12}",
    `401/${TEXT(30)}`,
    "402/\\d{17}",
    `414/\\d{13}(?:/254/${TEXT(20)})?`,
    "417/\\d{13}",
    `8003/\\d{14}${TEXT(16)}`,
    `8004/${TEXT(30)}`,
    `8006/\\d{18}(?:/21/${TEXT(20)}|/10/${TEXT(20)})?`,
    `8010/${PART}(?:/8011/\\d{0,12})?`,
    "8017/\\d{18}",
    "8018/\\d{18}",
  ].join("|")})$`,
);

/** The one spelling of what a URI names: a GS1 key as a Digital Link, everything else as it is. */
export const canonicalUri = (uri: string): string => digitalLinkOfUrn(uri) ?? canonicalLink(uri) ?? uri;

/** The canonical form of a Digital Link of any domain; undefined for what is none. */
function canonicalLink(uri: string): string | undefined {
  if (!LINK.test(uri)) return undefined;
  let link = uri.split("?", 1)[0]!;
  link = link.replaceAll(NAMED, (_, name: string) => `/${NAMES[name]}`);
  if (!CANONICAL_START.test(link)) {
    const start = KEYS.map((ai) => link.indexOf(`/${ai}/`)).find((at) => at >= 0);
    if (start !== undefined) link = `https://id.gs1.org${link.slice(start)}`;
  }
  link = link
    .replace(/(?<=^https:\/\/id\.gs1\.org\/01\/)(\d{8}|\d{12,13})(?!\d)/, (gtin) => gtin.padStart(14, "0"))
    .replace(/(?<=\/(?:01\/\d{14}|8006\/\d{18}))\/22\/[^/]*/, "")
    .replace(/(?<=\/(?:01\/\d{14}|8006\/\d{18}))\/10\/[^/]*(?=\/21\/)/, "");
  return CANONICAL.test(link) ? link : undefined;
}
