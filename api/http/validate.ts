import type { z } from "zod";
import { Problem, type ProblemDetail } from "./problem.ts";

/**
 * Validates `value` by `schema`.
 * @throws Problem 400 naming every mistake
 */
export function validate<S extends z.ZodType>(schema: S, value: unknown, where: "body" | "query"): z.output<S> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const errors = result.error.issues.flatMap(detailsOf);
  throw new Problem(400, `invalid ${where}: ${errors[0]?.message ?? "does not match its schema"}`, { errors });
}

function detailsOf(issue: z.core.$ZodIssue): ProblemDetail[] {
  if (issue.code === "unrecognized_keys") {
    return issue.keys.map((key) => ({ pointer: pointerTo([...issue.path, key]), message: `unknown field "${key}"` }));
  }
  return [{ pointer: pointerTo(issue.path), message: issue.message }];
}

/** A JSON pointer; `~` and `/` are escaped (RFC 6901 §3). */
function pointerTo(path: readonly PropertyKey[]): string {
  return path.map((step) => `/${String(step).replaceAll("~", "~0").replaceAll("/", "~1")}`).join("");
}

/** The characters that a JSON text may hold and Postgres cannot store, or UTF-8 cannot write: others would be stored instead. */
const UNSTORABLE: readonly [RegExp, string][] = [
  [/\0/, "text must not hold the character U+0000"],
  [/\p{Surrogate}/u, "text must not hold half of a surrogate pair (U+D800 to U+DFFF)"],
];

/** @throws Problem 400 with a pointer to the text, in names too, that cannot be stored as it is */
export function rejectUnstorableText(value: unknown, path: readonly string[] = []): void {
  if (typeof value === "string") {
    const message = UNSTORABLE.find(([forbidden]) => forbidden.test(value))?.[1];
    if (message === undefined) return;
    throw new Problem(400, message, { errors: [{ pointer: pointerTo(path), message }] });
  }
  if (typeof value === "object" && value !== null) {
    for (const [name, inner] of Object.entries(value)) {
      rejectUnstorableText(name, path);
      rejectUnstorableText(inner, [...path, name]);
    }
  }
}

/** Deeper bodies are refused before any recursive function walks them. */
const MAX_DEPTH = 64;

/** Parses a JSON body. @throws Problem 400 when it is not JSON, or nested too deeply */
export function parseJsonBody(text: string): unknown {
  let depth = 0;
  let inString = false;
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at];
    if (inString) {
      if (character === "\\") at += 1;
      else if (character === '"') inString = false;
    } else if (character === '"') inString = true;
    else if (character === "{" || character === "[") depth += 1;
    else if (character === "}" || character === "]") depth -= 1;
    if (depth > MAX_DEPTH) throw new Problem(400, `the body is nested deeper than ${MAX_DEPTH} levels`);
  }
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    throw new Problem(400, `the body is not JSON: ${(error as Error).message}`);
  }
}
