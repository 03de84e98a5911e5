import { canonicalUri } from "../identifiers/canonical-uri.ts";

/** What the canonical URIs that fit a pattern are like: one of them, or those that fit a pattern of SQL's LIKE. */
export interface Matcher {
  equal: readonly string[];
  like: readonly string[];
}

const BASE = "https://id.gs1.org";
/** Stands for `*` where a URI is brought into its canonical form. */
const PLACEHOLDER = "Q7WILDQ7";

/** Of patterns of the EPCs of one company, what stands in the path before the company prefix (EPC TDS 2.0 §7). */
const COMPANY_PATHS: Readonly<Record<string, string>> = {
  sgtin: "/01/_",
  itip: "/8006/_",
  upui: "/01/_",
  sscc: "/00/_",
  sgln: "/414/",
  pgln: "/417/",
  grai: "/8003/0",
  giai: "/8004/",
  gdti: "/253/",
  gsrn: "/8018/",
  gsrnp: "/8017/",
  sgcn: "/255/",
  cpi: "/8010/",
  ginc: "/401/",
  gsin: "/402/",
  lgtin: "/01/_",
};
/** What follows the class in the path of its instances; where nothing is said, the serial follows at once. */
const SERIAL_PATHS: Readonly<Record<string, string>> = {
  sgtin: "/21/",
  itip: "/21/",
  upui: "/235/",
  cpi: "/8011/",
  sgln: "/254/",
  lgtin: "/10/",
};

/** A pattern of MATCH parameters: a pure identity pattern (EPC TDS 2.0 §8), or any URI, with `*` for any characters. */
export function matcherOf(pattern: string): Matcher {
  const wildcards = wildcardsOf(pattern);
  if (wildcards !== undefined) return wildcards;
  return { equal: [canonicalUri(pattern)], like: [] };
}

function wildcardsOf(pattern: string): Matcher | undefined {
  if (!pattern.includes("*")) return undefined;
  const epc = /^urn:epc:(?:id|idpat|class):([a-z]+):((?:[^.*]+\.)*)\*(?:\.\*)*$/.exec(pattern);
  if (epc) return epcWildcards(pattern, epc[1]!, epc[2]!.slice(0, -1));
  const [link, ...rest] = canonicalUri(pattern.replaceAll("*", PLACEHOLDER)).split(PLACEHOLDER);
  // In a web address that is no Digital Link the domain counts.
  return { equal: [], like: [[link!, ...rest].map(escapeLike).join("%")] };
}

function epcWildcards(pattern: string, scheme: string, fixed: string): Matcher | undefined {
  const start = COMPANY_PATHS[scheme];
  if (start === undefined) return { equal: [], like: [escapeLike(pattern).replaceAll("*", "%")] };
  const parts = fixed === "" ? [] : fixed.split(".");
  // Company prefixes are free of prefixes of each other: what begins with one is of this company.
  if (parts.length < 2) {
    const escaped = parts.map(escapeLike).join("");
    return { equal: [], like: [`${BASE}${start}${escaped}%`] };
  }
  const serial = SERIAL_PATHS[scheme] ?? "";
  // With a serial that no pattern has, the URI of one of its instances shows the path of all.
  const instance = canonicalUri(`urn:epc:${scheme === "lgtin" ? "class" : "id"}:${scheme}:${fixed}.${PROBE}`);
  const at = instance.lastIndexOf(`${serial}${PROBE}`);
  if (!instance.startsWith(BASE) || at < 0) return { equal: [], like: [escapeLike(pattern).replaceAll("*", "%")] };
  const known = instance.slice(0, at);
  // The extension "0" of an SGLN is not written. A class of instances is written as its pattern.
  return { equal: [known], like: [`${escapeLike(known + serial)}%`] };
}

/** Digits, as some serials have nothing else. */
const PROBE = "7";

const escapeLike = (text: string): string => text.replace(/[\\%_]/g, "\\$&");
