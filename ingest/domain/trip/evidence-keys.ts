import type { NewFact, Subject } from "../fact.ts";

/*
 * Where and when something was read that the load of a trip may be verified by: `location:3@492000`, `vehicle:7@492000`, with the hour
 * since 1970. Of what was withdrawn only the tag is known: `tag:{epc}@492000`. A few keys stand for the reads of many tags.
 */

const HOUR_MS = 3_600_000;

export type EvidenceKind = "location" | "vehicle" | "tag";

export function evidenceKeys(changes: {
  added: readonly NewFact[];
  withdrawn: readonly { subject: Subject; at: number }[];
}): string[] {
  const keys = new Set<string>();
  const add = (name: string, at: number) => keys.add(`${name}@${Math.floor(at / HOUR_MS)}`);
  for (const fact of changes.added) {
    if (fact.type !== "seen" && fact.type !== "gone") continue;
    const { vehicleId, locationId } = fact.data;
    if (vehicleId !== undefined) add(`vehicle:${vehicleId}`, fact.at);
    else if (locationId !== null) add(`location:${locationId}`, fact.at);
  }
  for (const { subject, at } of changes.withdrawn) if (subject.startsWith("tag:")) add(subject, at);
  return [...keys];
}

/** What a key names, and from when to when (epoch milliseconds). */
export function parseEvidenceKey(key: string): { kind: EvidenceKind; id: string; from: number; to: number } {
  const [colon, at] = [key.indexOf(":"), key.lastIndexOf("@")];
  const from = Number(key.slice(at + 1)) * HOUR_MS;
  return { kind: key.slice(0, colon) as EvidenceKind, id: key.slice(colon + 1, at), from, to: from + HOUR_MS };
}
