import type { z } from "zod";

type Issue = z.core.$ZodIssue;

/** Most problems named in one line; a reading has few fields and a reader less patience. */
const MOST_NAMED = 3;

/** Says in one line what a schema found wrong with `candidate`: `lat: Too big: expected number to be <=90`. */
export function describeIssues(issues: readonly Issue[], candidate: unknown): string {
  const lines = issues.flatMap((issue) => linesOf(issue, [], candidate));
  const named = lines.slice(0, MOST_NAMED).join("; ");
  return lines.length > MOST_NAMED ? `${named}; and ${lines.length - MOST_NAMED} more` : named;
}

function linesOf(issue: Issue, above: readonly PropertyKey[], candidate: unknown): string[] {
  const path = [...above, ...issue.path];
  if (issue.code === "invalid_union" && issue.errors.length > 0) {
    return closestBranch(issue.errors, candidate).flatMap((inner) => linesOf(inner, path, candidate));
  }
  return [path.length > 0 ? `${path.map(String).join(".")}: ${issue.message}` : issue.message];
}

/** Of several allowed shapes, the one the sender seems to have meant: wrong in the fewest fields it did send. */
function closestBranch(branches: readonly (readonly Issue[])[], candidate: unknown): readonly Issue[] {
  const sent = typeof candidate === "object" && candidate !== null ? candidate : {};
  const missing = (issues: readonly Issue[]) => issues.filter(({ path }) => !(String(path[0]) in sent)).length;
  // Of a text that is no time, the reader wants to know what is wrong with it as a text, not that it is no number.
  const misfit = (issues: readonly Issue[]) =>
    issues.filter(({ code, path }) => code === "invalid_type" && path.length === 0).length;
  return [...branches].sort((a, b) => misfit(a) - misfit(b) || missing(a) - missing(b) || a.length - b.length)[0] ?? [];
}
