import type { ApiDeps, ProbeResult } from "../../deps.ts";

/** A part that does not answer its probe within this time counts as not ready. */
const PROBE_TIMEOUT_MS = 2000;

type Probe = () => Promise<ProbeResult | undefined>;

/** Asks every part how it is, all at once. */
export function runProbes(
  probes: ApiDeps["probes"],
): Promise<readonly (readonly [name: string, result: ProbeResult | undefined])[]> {
  return Promise.all(Object.entries(probes).map(async ([name, probe]) => [name, await runProbe(probe)] as const));
}

async function runProbe(probe: Probe): Promise<ProbeResult | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<ProbeResult>((resolve) => {
    timer = setTimeout(() => resolve({ ok: false, detail: "no answer" }), PROBE_TIMEOUT_MS);
  });
  try {
    // The error of a probe may name hosts, and `/readyz` is public.
    return await Promise.race([probe().catch((): ProbeResult => ({ ok: false, detail: "failed" })), timeout]);
  } finally {
    clearTimeout(timer);
  }
}
