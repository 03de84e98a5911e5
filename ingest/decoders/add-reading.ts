import { type DecodedReading, type Kind, READING_SCHEMAS, SERIES_COLUMNS } from "../../broker/contract/readings.ts";
import type { Decoded } from "./decoder.ts";
import { plainReading } from "./plain-reading.ts";
import { describeIssues } from "./schema-issues.ts";

/**
 * Holds a candidate against the schema of its kind and adds it to `decoded`, as a reading or as a rejection. Every
 * decoder ends here, so nothing a vendor sends can be outside what the contract allows.
 */
export function addReading(decoded: Decoded, kind: Kind, candidate: unknown, index: number): void {
  const plain = plainReading(kind, candidate);
  const result = plain ? { success: true as const, data: plain } : READING_SCHEMAS[kind].safeParse(candidate);
  const detail = result.success
    ? kind in SERIES_COLUMNS
      ? undefined
      : zeroCharacterIn(result.data)
    : describeIssues(result.error.issues, candidate);
  if (result.success && detail === undefined) {
    decoded.readings.push({ kind, content: result.data } as DecodedReading);
  } else {
    decoded.rejections.push({ index, reason: "not-a-reading", detail: detail ?? "not a reading" });
  }
}

/** Of kinds with text in them: Postgres stores neither U+0000 nor half a surrogate pair: one such reading would stop a whole batch. */
export function zeroCharacterIn(content: object): string | undefined {
  for (const [name, value] of Object.entries(content)) {
    if (typeof value !== "string") continue;
    if (value.includes("\u0000")) return `${name}: holds the character U+0000`;
    if (/\p{Surrogate}/u.test(value)) return `${name}: holds half a surrogate pair`;
  }
  return undefined;
}
