import { type DecodedReading, type Kind, READING_SCHEMAS } from "../../../broker/contract/readings.ts";
import { isSeriesKind } from "../../domain/reading-kinds.ts";
import type { z } from "zod";
import type { Decoded, Rejection } from "../decoder.ts";
import { isObject } from "../json/payload.ts";
import { FIELDS } from "./fields.ts";
import { meantField } from "./field-suggestion.ts";
import { unstorableTime } from "./impossible-time.ts";
import { validateFast } from "./fast-validation.ts";
import { describeIssues, issuesOfFields } from "./schema-issues.ts";

/**
 * Validates a candidate by the schema of its kind, and adds it to `decoded` as a reading or as a rejection. Every decoder
 * ends here, so no reading is outside what the contract allows, whatever a vendor sends.
 * @param index position in the message
 * @returns the content of the reading; undefined when it is rejected
 */
export function addReading(decoded: Decoded, kind: Kind, candidate: unknown, index: number): object | undefined {
  let content: object | undefined = validateFast(kind, candidate);
  if (content === undefined) {
    const result = READING_SCHEMAS[kind].safeParse(candidate);
    if (!result.success) {
      decoded.rejections.push({ index, ...problemOf(kind, candidate, result.error.issues) });
      return undefined;
    }
    content = result.data;
  }
  const unstorable = isSeriesKind(kind) ? undefined : unstorableTextIn(content);
  if (unstorable !== undefined) {
    decoded.rejections.push({ index, reason: "not-a-reading", detail: unstorable });
    return undefined;
  }
  decoded.readings.push({ kind, content } as DecodedReading);
  return content;
}

function problemOf(
  kind: Kind,
  candidate: unknown,
  issues: readonly z.core.$ZodIssue[],
): Pick<Rejection, "reason" | "detail"> {
  const sent = isObject(candidate) ? candidate : {};
  const isOfTime = issuesOfFields(issues, candidate).every(({ path }) => path[0] === "ts");
  const time = isOfTime ? unstorableTime(sent["ts"]) : undefined;
  if (time) return time;
  const sentAs = (field: string) =>
    Object.keys(sent).find((name) => !FIELDS[kind].has(name) && meantField(kind, name, FIELDS) === field);
  return { reason: "not-a-reading", detail: describeIssues(issues, candidate, sentAs) };
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
