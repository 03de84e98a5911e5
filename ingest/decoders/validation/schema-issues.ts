import type { z } from "zod";

type Issue = z.core.$ZodIssue;

/** A rejection names at most this many problems. */
const MAX_NAMED = 3;

/**
 * The issues of a schema with `candidate` in one line, in the sender's words: `lat: 91 is more than 90`.
 * @param sentAs the sender's name for a field that is missing, if it has a likely one
 */
export function describeIssues(
  issues: readonly Issue[],
  candidate: unknown,
  sentAs: (field: string) => string | undefined = () => undefined,
): string {
  const lines = issues.flatMap((issue) => linesOf(issue, [], candidate, sentAs));
  const named = lines.slice(0, MAX_NAMED).join("; ");
  return lines.length > MAX_NAMED ? `${named}; and ${lines.length - MAX_NAMED} more` : named;
}

function linesOf(
  issue: Issue,
  above: readonly PropertyKey[],
  candidate: unknown,
  sentAs: (field: string) => string | undefined,
): string[] {
  const path = [...above, ...issue.path];
  const value = valueAt(candidate, path);
  const name = path.map(String).join(".");
  if (path.length > 0 && value === undefined) {
    const instead = sentAs(name);
    return [`${name}: missing${instead === undefined ? "" : `: ${instead} is not known, did you mean ${name}?`}`];
  }
  if (issue.code === "invalid_union" && issue.errors.length > 0) {
    return closestBranch(issue.errors, candidate).flatMap((inner) => linesOf(inner, path, candidate, sentAs));
  }
  const problem = problemOf(issue, value);
  return [name === "" ? problem : `${name}: ${problem}`];
}

function problemOf(issue: Issue, value: unknown): string {
  if (value === null) return "null: leave the field out when it is unknown";
  switch (issue.code) {
    case "invalid_type":
      return `expected ${TYPES[issue.expected] ?? issue.expected}, not ${show(value)}`;
    case "too_big":
      if (typeof value === "string") return `${value.length} characters, at most ${issue.maximum} are allowed`;
      return `${show(value)} is more than ${issue.maximum}${percentHint(issue.maximum, value)}`;
    case "too_small":
      return value === "" ? "an empty text" : `${show(value)} is less than ${issue.minimum}`;
    case "invalid_value":
      return `expected one of ${issue.values.map(String).join(", ")}, not ${show(value)}`;
    default:
      return issue.message;
  }
}

const TYPES: Readonly<Record<string, string>> = {
  number: "a number",
  int: "a whole number",
  string: "a text",
  boolean: "true or false",
  object: "an object",
};

const percentHint = (maximum: unknown, value: unknown): string =>
  maximum === 1 && typeof value === "number" && value <= 100
    ? ` (a fraction from 0 to 1: ${value} % is ${value / 100})`
    : "";

/** A value in an error text, shortened. */
function show(value: unknown): string {
  if (Array.isArray(value)) return "an array";
  if (typeof value === "object") return "an object";
  if (typeof value === "string")
    return value.length > 40 ? `a text of ${value.length} characters` : `the text ${JSON.stringify(value)}`;
  return typeof value === "number" || typeof value === "boolean" ? String(value) : "this";
}

function valueAt(candidate: unknown, path: readonly PropertyKey[]): unknown {
  let value = candidate;
  for (const step of path) {
    if (typeof value !== "object" || value === null) return undefined;
    value = (value as Record<PropertyKey, unknown>)[step];
  }
  return value;
}

/** The issues of the fields; where none of several shapes fits, those of the one that the sender probably meant. */
export const issuesOfFields = (issues: readonly Issue[], candidate: unknown): readonly Issue[] =>
  issues.flatMap((issue) =>
    issue.code === "invalid_union" && issue.path.length === 0 && issue.errors.length > 0
      ? closestBranch(issue.errors, candidate)
      : [issue],
  );

/** Of several allowed shapes, the one that the sender probably meant: the one with the fewest missing and wrong fields. */
function closestBranch(branches: readonly (readonly Issue[])[], candidate: unknown): readonly Issue[] {
  const sent = typeof candidate === "object" && candidate !== null ? candidate : {};
  const isMissing = ({ path }: Issue) => path.length > 0 && !(String(path[0]) in sent);
  const missing = (issues: readonly Issue[]) => issues.filter(isMissing).length;
  // A shape of which nothing was sent was not meant: `weight` without `unit` is no attempt at `grams`.
  const present = (issues: readonly Issue[]) => (issues.some(({ path }) => path[0] === "grams") ? 0 : 1);
  // A text that is no time should be explained as a text, not as "expected number".
  const misfit = (issues: readonly Issue[]) =>
    issues.filter(({ code, path }) => code === "invalid_type" && path.length === 0).length;
  const order = (a: readonly Issue[], b: readonly Issue[]) =>
    misfit(a) - misfit(b) ||
    ("weight" in sent ? present(b) - present(a) : 0) ||
    missing(a) - missing(b) ||
    a.length - b.length;
  return branches.toSorted(order)[0] ?? [];
}
