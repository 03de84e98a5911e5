import { type DecodedReading, type Kind, READING_SCHEMAS } from "../../broker/contract/readings.ts";
import { isSeriesKind } from "../domain/reading-kinds.ts";
import type { Decoded } from "./decoder.ts";
import { validateFast } from "./fast-validation.ts";
import { describeIssues } from "./schema-issues.ts";

/**
 * Validates a candidate by the schema of its kind, and adds it to `decoded` as a reading or as a rejection. Every decoder
 * ends here, so no reading is outside what the contract allows, whatever a vendor sends.
 * @param index position in the message
 */
export function addReading(decoded: Decoded, kind: Kind, candidate: unknown, index: number): void {
  const plain = validateFast(kind, candidate);
  const result = plain ? { success: true as const, data: plain } : READING_SCHEMAS[kind].safeParse(candidate);
  const detail = result.success
    ? isSeriesKind(kind)
      ? undefined
      : unstorableTextIn(result.data)
    : describeIssues(result.error.issues, candidate);
  if (result.success && detail === undefined) {
    decoded.readings.push({ kind, content: result.data } as DecodedReading);
  } else {
    decoded.rejections.push({ index, reason: "not-a-reading", detail: detail ?? "not a reading" });
  }
}

/**
 * Says which text field Postgres cannot store: it accepts neither U+0000 nor half a surrogate pair, and one such reading
 * would make the statement of a whole batch fail. Kinds of the series store have no text.
 */
export function unstorableTextIn(content: object): string | undefined {
  for (const [name, value] of Object.entries(content)) {
    if (typeof value !== "string") continue;
    if (value.includes("\u0000")) return `${name}: holds the character U+0000`;
    if (/\p{Surrogate}/u.test(value)) return `${name}: holds half a surrogate pair`;
  }
  return undefined;
}
