import type { z } from "zod";
import type { ProbeResult } from "../../deps.ts";
import type { readiness } from "./schema.ts";

/** What `GET /readyz` says of these results; undefined: this process cannot know. */
export function readinessOf(
  results: readonly (readonly [string, ProbeResult | undefined])[],
): z.output<typeof readiness> {
  const namesOf = (isMeant: (result: ProbeResult | undefined) => boolean | undefined) =>
    results.flatMap(([name, result]) => (isMeant(result) ? [name] : []));
  return {
    ready: results.every(([, result]) => result === undefined || result.ok || result.degraded),
    degraded: namesOf((result) => result?.degraded),
    unknown: namesOf((result) => result === undefined),
    parts: Object.fromEntries(results.map(([name, result]) => [name, result ? partOf(result) : UNKNOWN])),
  };
}

const UNKNOWN = { ok: null, detail: "unknown: this API process does not run beside it" };
const partOf = ({ ok, detail }: ProbeResult) => ({ ok, ...(detail !== undefined && { detail }) });
