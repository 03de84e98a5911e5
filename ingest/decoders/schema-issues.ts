import type { z } from "zod";

type Issue = z.core.$ZodIssue;

/** A rejection names at most this many problems. */
const MAX_NAMED = 3;

/** The issues of a schema with `candidate` in one line: `lat: Too big: expected number to be <=90`. */
export function describeIssues(issues: readonly Issue[], candidate: unknown): string {
  const lines = issues.flatMap((issue) => linesOf(issue, [], candidate));
  const named = lines.slice(0, MAX_NAMED).join("; ");
  return lines.length > MAX_NAMED ? `${named}; and ${lines.length - MAX_NAMED} more` : named;
}

function linesOf(issue: Issue, above: readonly PropertyKey[], candidate: unknown): string[] {
  const path = [...above, ...issue.path];
  if (issue.code === "invalid_union" && issue.errors.length > 0) {
    return closestBranch(issue.errors, candidate).flatMap((inner) => linesOf(inner, path, candidate));
  }
  return [path.length > 0 ? `${path.map(String).join(".")}: ${issue.message}` : issue.message];
}

/** Of several allowed shapes, the one that the sender probably meant: the one with the fewest missing and wrong fields. */
function closestBranch(branches: readonly (readonly Issue[])[], candidate: unknown): readonly Issue[] {
  const sent = typeof candidate === "object" && candidate !== null ? candidate : {};
  const missing = (issues: readonly Issue[]) => issues.filter(({ path }) => !(String(path[0]) in sent)).length;
  // A text that is no time should be explained as a text, not as "expected number".
  const misfit = (issues: readonly Issue[]) =>
    issues.filter(({ code, path }) => code === "invalid_type" && path.length === 0).length;
  return [...branches].sort((a, b) => misfit(a) - misfit(b) || missing(a) - missing(b) || a.length - b.length)[0] ?? [];
}
