import { identifier } from "./application-identifiers.ts";
import { addElement, type ElementsResult } from "./element-string.ts";

/** The primary keys of Digital Link paths, each with its qualifiers in order (URI Syntax 1.3 §4.5–4.9). */
const QUALIFIERS: Readonly<Record<string, readonly string[]>> = {
  "00": [],
  "01": ["22", "10", "21", "235"],
  "253": [],
  "255": [],
  "401": [],
  "402": [],
  "414": ["254", "7040"],
  "415": ["8020"],
  "417": ["7040"],
  "8003": [],
  "8004": ["7040"],
  "8006": ["22", "10", "21"],
  "8010": ["8011"],
  "8013": [],
  "8017": ["8019"],
  "8018": ["8019"],
};

/**
 * Parses an uncompressed GS1 Digital Link of any domain: primary key and qualifiers from the path, further elements from
 * the query. Unknown keys of the query are ignored (URI Syntax 1.3 §4.10).
 */
export function parseDigitalLink(text: string): ElementsResult {
  if (!/^https?:/i.test(text) || !URL.canParse(text)) return { ok: false, detail: "not a web address" };
  const url = new URL(text);
  const segments = decodedSegments(url.pathname);
  if (!segments) return { ok: false, detail: "a broken percent-escape" };
  if (segments.at(-1) === "") segments.pop();
  const start = keyAt(segments);
  if (start < 0) return { ok: false, detail: "no GS1 key in the path" };

  const elements = new Map<string, string>();
  const pairs = pairsOf(segments.slice(start));
  const inQuery = [...url.searchParams].filter(([ai]) => /^\d{2,4}$/.test(ai) && identifier(ai));
  for (const [ai, value] of [...pairs, ...inQuery]) {
    const found = identifier(ai);
    if (!found) return { ok: false, detail: `${ai} is no application identifier` };
    // A GTIN-8, -12 or -13 in a link is padded to fourteen digits (URI Syntax 1.3 §4.4).
    const error = addElement(
      elements,
      found,
      ai === "01" && /^\d{8,13}$/.test(value) ? value.padStart(14, "0") : value,
    );
    if (error !== undefined) return { ok: false, detail: error };
  }
  return { ok: true, elements };
}

/** The index of the primary key: the last from which key, value and qualifiers reach to the end of the path; −1: none. */
function keyAt(segments: readonly string[]): number {
  for (let at = segments.length - 2; at >= 0; at -= 2) {
    const qualifiers = QUALIFIERS[segments[at] ?? ""];
    const following = pairsOf(segments.slice(at + 2)).map(([ai]) => ai);
    if (qualifiers && following.every((ai) => qualifiers.includes(ai))) return at;
  }
  return -1;
}

function pairsOf(segments: readonly string[]): [string, string][] {
  const pairs: [string, string][] = [];
  for (let at = 0; at + 1 < segments.length; at += 2) pairs.push([segments[at] ?? "", segments[at + 1] ?? ""]);
  return pairs;
}

function decodedSegments(path: string): string[] | undefined {
  try {
    return path.split("/").slice(1).map(decodeURIComponent);
  } catch {
    return undefined;
  }
}
