import { z } from "@hono/zod-openapi";
import type { Tokens } from "../../auth/tokens.ts";
import type { Endpoints } from "../../http/endpoint.ts";
import type { ApiDeps, ProbeResult } from "../../deps.ts";

const tag = "Operations";
/** A part that takes longer to say that it is well is not. */
const PROBE_MS = 2000;

const part = z.object({ ok: z.boolean(), detail: z.union([z.string(), z.number()]).optional() });
const readiness = z.object({ ready: z.boolean(), parts: z.record(z.string(), part) }).openapi("Readiness");

async function runProbe(probe: () => Promise<ProbeResult>): Promise<ProbeResult> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<ProbeResult>((resolve) => {
    timer = setTimeout(() => resolve({ ok: false, detail: "no answer" }), PROBE_MS);
  });
  try {
    // What a failed probe says may name hosts: the public is told no more than that it failed.
    return await Promise.race([probe().catch((): ProbeResult => ({ ok: false, detail: "failed" })), late]);
  } finally {
    clearTimeout(timer);
  }
}

export function registerOperations(endpoints: Endpoints, { probes, settings }: ApiDeps, tokens: Tokens): void {
  endpoints.read({ route: "GET /livez", access: "public", tag, summary: "Whether this process answers" }, async () => ({
    status: 200,
    body: { ok: true },
  }));
  endpoints.custom(
    {
      route: "GET /readyz",
      access: "public",
      tag,
      summary: "Whether publishing and signing in would work, by part",
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
  endpoints.read({ route: "GET /version", access: "public", tag, summary: "What is running" }, async () => ({
    status: 200,
    body: { name: "waystock", version: settings.version, node: process.version },
  }));
  endpoints.read(
    {
      route: "GET /.well-known/jwks.json",
      access: "public",
      tag: "Identity",
      summary: "Public keys of access tokens (RFC 7517)",
    },
    async () => ({ status: 200, body: await tokens.jwks() }),
  );
}
