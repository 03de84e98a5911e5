import type { Tokens } from "../../auth/tokens.ts";
import type { ApiDeps } from "../../deps.ts";
import type { Endpoints } from "../../http/endpoint.ts";
import { runProbes } from "./probes.ts";
import { readinessOf } from "./readiness.ts";
import { keySet, liveness, readiness, versions } from "./schema.ts";

const tag = "Operations";
export function registerOperations(endpoints: Endpoints, { probes, settings }: ApiDeps, tokens: Tokens): void {
  endpoints.read(
    { route: "GET /livez", access: "public", tag, summary: "Check that this process answers", response: liveness },
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
      failure: { status: 503, reason: "a part is not ready" },
    },
    async ({ c }) => {
      const body = readinessOf(await runProbes(probes));
      c.header("Cache-Control", "no-store");
      // Reports are renewed within this time.
      if (!body.ready) c.header("Retry-After", "5");
      return c.json(body, body.ready ? 200 : 503);
    },
  );
  endpoints.read(
    {
      route: "GET /version",
      access: "public",
      tag,
      summary: "Get the version of Waystock and Node.js",
      response: versions,
    },
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
      response: keySet,
    },
    async () => ({ status: 200, body: await tokens.jwks() }),
  );
}
