import { isObject, type Json, listOf } from "../json.ts";
import { addressOf, currentTerm, STANDARD_PREFIXES, type Vocabulary } from "./terms.ts";

/** What the prefixes of names stand for, as the `@context` of a document declares them. */
export type Prefixes = ReadonlyMap<string, string>;

/** The prefixes of one or more contexts; a later one counts. Addresses of contexts are not fetched: a document can name any host. */
export function prefixesOf(...contexts: readonly (Json | undefined)[]): Prefixes {
  const prefixes = new Map(Object.entries(STANDARD_PREFIXES));
  for (const context of contexts.flatMap((each) => listOf(each))) {
    if (!isObject(context)) continue;
    for (const [prefix, value] of Object.entries(context)) {
      const address = isObject(value) ? value["@id"] : value;
      if (typeof address === "string") prefixes.set(prefix, address);
    }
  }
  return prefixes;
}

/** `example:field` → `https://ns.example.com/epcis/field`; a name without a known prefix as it is. */
export function expand(name: string, prefixes: Prefixes): string {
  const colon = name.indexOf(":");
  const address = colon < 0 || name.startsWith("//", colon + 1) ? undefined : prefixes.get(name.slice(0, colon));
  return address === undefined ? name : address + name.slice(colon + 1);
}

/** A term of a vocabulary by its current address, however it is written: bare, with a prefix, as a URN. */
export const canonicalTerm = (vocabulary: Vocabulary, term: string, prefixes: Prefixes): string =>
  addressOf(vocabulary, term) ?? currentTerm(expand(term, prefixes));
