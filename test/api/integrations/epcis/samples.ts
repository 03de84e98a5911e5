import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Json, JsonObject } from "../../../../api/integrations/epcis/json.ts";

const FIXTURES = join(import.meta.dirname, "../../../fixtures/epcis");

/** A document of EPCIS 2.0, as text and parsed. */
export interface SampleDocument {
  name: string;
  text: string;
  document: JsonObject;
  context: Json;
  events: readonly JsonObject[];
}

/** The sample documents of a folder of `test/fixtures/epcis`. */
export function sampleDocuments(folder: "valid" | "invalid" | "hash"): SampleDocument[] {
  const names = readdirSync(join(FIXTURES, folder)).filter((name) => /\.json(?:ld)?$/.test(name));
  return names.map((name) => {
    const text = readFileSync(join(FIXTURES, folder, name), "utf8");
    const document = JSON.parse(text) as JsonObject & { epcisBody: { eventList: JsonObject[] } };
    return { name, text, document, context: document["@context"] ?? [], events: document.epcisBody.eventList };
  });
}

/** The hash ids that the reference implementation gives to the events of a document of the folder `hash`. */
export const expectedHashIds = (name: string): string[] =>
  readFileSync(join(FIXTURES, "hash", name.replace(".jsonld", ".hashes")), "utf8")
    .trim()
    .split(/\s+/);

/** GS1's JSON schema of EPCIS 2.0. */
export const gs1Schema = (): object =>
  JSON.parse(readFileSync(join(FIXTURES, "EPCIS-JSON-Schema.json"), "utf8")) as object;
