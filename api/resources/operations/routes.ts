import type { Tokens } from "../../auth/tokens.ts";
import type { ApiDeps, ProbeResult } from "../../deps.ts";
import type { Endpoints } from "../../http/endpoint.ts";
import { readiness } from "./schema.ts";

const tag = "Operations";
/** A part that does not answer its probe within this time counts as not ready. */
const PROBE_TIMEOUT_MS = 2000;

async function runProbe(probe: () => Promise<ProbeResult>): Promise<ProbeResult> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<ProbeResult>((resolve) => {
    timer = setTimeout(() => resolve({ ok: false, detail: "no answer" }), PROBE_TIMEOUT_MS);
  });
  try {
    // The error of a probe may name hosts, and this endpoint is public.
    return await Promise.race([probe().catch((): ProbeResult => ({ ok: false, detail: "failed" })), timeout]);
  } finally {
    clearTimeout(timer);
  }
}

export function registerOperations(endpoints: Endpoints, { probes, settings }: ApiDeps, tokens: Tokens): void {
  endpoints.read(
    { route: "GET /livez", access: "public", tag, summary: "Check that this process answers" },
    async () => ({
      status: 200,
      body: { ok: true },
    }),
  );
  endpoints.custom(
    {
      route: "GET /readyz",
      access: "public",
      tag,
      summary: "Check that the parts of the platform are ready",
      response: readiness,
    },
    async ({ c }) => {
      const results = await Promise.all(
        Object.entries(probes).map(async ([name, probe]) => [name, await runProbe(probe)] as const),
      );
      const ready = results.every(([, { ok }]) => ok);
      c.header("Cache-Control", "no-store");
      return c.json({ ready, parts: Object.fromEntries(results) }, ready ? 200 : 503);
    },
  );
  endpoints.read(
    { route: "GET /version", access: "public", tag, summary: "Get the version of Waystock and Node.js" },
    async () => ({
      status: 200,
      body: { name: "waystock", version: settings.version, node: process.version },
    }),
  );
  endpoints.read(
    {
      route: "GET /.well-known/jwks.json",
      access: "public",
      tag: "Identity",
      summary: "Get the public keys of access tokens (RFC 7517)",
    },
    async () => ({ status: 200, body: await tokens.jwks() }),
  );
}
