import { z } from "@hono/zod-openapi";
import { AUDITING } from "../../auth/roles.ts";
import type { ApiDeps } from "../../deps.ts";
import type { Endpoints } from "../../http/endpoint.ts";
import type { Metrics } from "../../metrics/metrics.ts";

/** What the parts of this node count and measure, for Prometheus. */
export function registerMetrics(endpoints: Endpoints, { isLocal }: ApiDeps, metrics: Metrics): void {
  endpoints.custom(
    {
      route: "GET /metrics",
      access: AUDITING,
      openToClients: true,
      open: {
        to: "requests from this machine",
        includes: (c) =>
          isLocal({
            socketAddress: c.env?.incoming?.socket?.remoteAddress,
            header: (name) => c.req.header(name),
          }),
      },
      tag: "Operations",
      summary: "Read what the parts of this node count and measure, in the text format of Prometheus",
      response: z.string(),
      responseType: "text/plain",
    },
    async ({ c }) =>
      c.body(await metrics.text(), 200, { "Content-Type": metrics.contentType, "Cache-Control": "no-store" }),
  );
}
