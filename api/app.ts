import { randomUUID } from "node:crypto";
import { OpenAPIHono } from "@hono/zod-openapi";
import { bodyLimit } from "hono/body-limit";
import { compress } from "hono/compress";
import { cors } from "hono/cors";
import { secureHeaders } from "hono/secure-headers";
import type { Context } from "hono";
import { ROUTE_ACCESS } from "./auth/roles.ts";
import { Sessions } from "./auth/sessions.ts";
import { openTokens } from "./auth/tokens.ts";
import { openGate } from "./http/authenticate.ts";
import { Buckets } from "./http/rate-limit.ts";
import { endpointsOn } from "./http/endpoint.ts";
import { servePage } from "./http/static-files.ts";
import { Problem, problemBody, problemOf } from "./http/problem.ts";
import { registerAuth } from "./resources/auth/routes.ts";
import { registerCalibration } from "./resources/calibration/routes.ts";
import { registerCycleCounts } from "./resources/cycle-counts/routes.ts";
import { registerDecoding } from "./resources/decoding/routes.ts";
import { registerCommands } from "./resources/commands/routes.ts";
import { registerDeviceProfiles } from "./resources/device-profiles/routes.ts";
import { registerDevices } from "./resources/devices/routes.ts";
import { registerDeviceTokens } from "./resources/devices/tokens.ts";
import { registerDocuments } from "./resources/documents/routes.ts";
import { registerHandlingUnits } from "./resources/handling-units/routes.ts";
import { registerInventory } from "./resources/inventory/routes.ts";
import { registerPlacesAndCatalogue } from "./resources/master-data/routes.ts";
import { registerOperations } from "./resources/operations/routes.ts";
import { registerOrders } from "./resources/orders/routes.ts";
import { registerQuarantine } from "./resources/quarantine/routes.ts";
import { registerReadings } from "./resources/readings/routes.ts";
import { registerShipmentHandling } from "./resources/shipments/handling-routes.ts";
import { registerShipmentStory } from "./resources/shipments/history-routes.ts";
import { registerShipments } from "./resources/shipments/routes.ts";
import { registerStream } from "./resources/stream/routes.ts";
import { registerUsers } from "./resources/users/routes.ts";
import type { ApiDeps, ApiEnv } from "./deps.ts";

const MAX_BODY_BYTES = 1024 * 1024;

/** The whole HTTP interface: opens no socket and reads no environment; everything comes in by `deps`. */
export function createApp(deps: ApiDeps): OpenAPIHono<ApiEnv> {
  const { pool, settings, series } = deps;
  const app = new OpenAPIHono<ApiEnv>();
  const tokens = openTokens(pool, settings.publicUrl);
  const sessions = new Sessions(pool, tokens);
  const gate = openGate(deps, sessions, new Buckets(settings.apiRate));

  app.onError((error, c) => answerError(deps, c, error));
  app.notFound((c) => answerError(deps, c, new Problem(404, `there is nothing at ${c.req.path}`)));
  useConventions(app, settings.corsOrigins);

  const endpoints = endpointsOn(app, deps, gate);
  registerAuth(endpoints, deps, sessions);
  registerUsers(endpoints, pool, sessions);
  registerShipments(endpoints, pool, settings.gs1CompanyPrefix);
  registerShipmentHandling(endpoints, pool);
  registerHandlingUnits(endpoints, pool, settings.gs1CompanyPrefix);
  registerShipmentStory(endpoints, pool, series);
  registerInventory(endpoints, pool);
  registerCycleCounts(endpoints, pool);
  registerPlacesAndCatalogue(endpoints, pool);
  registerOrders(endpoints, pool);
  registerDevices(endpoints, pool);
  registerDeviceTokens(endpoints, pool, tokens);
  registerCommands(endpoints, pool);
  registerDeviceProfiles(endpoints, pool);
  registerReadings(endpoints, pool, series);
  registerCalibration(endpoints, series);
  registerQuarantine(endpoints, pool);
  registerDecoding(endpoints, settings.gs1CompanyPrefix);
  registerStream(endpoints, deps.feed, sessions);
  registerOperations(endpoints, deps, tokens);
  registerDocuments(endpoints, app, settings);
  refuseOtherMethods(app);
  if (settings.dashboardDirectory !== undefined) servePage(app, settings.dashboardDirectory);
  return app;
}

function useConventions(app: OpenAPIHono<ApiEnv>, corsOrigins: readonly string[]): void {
  app.use(async (c, next) => {
    c.set("requestId", randomUUID());
    await next();
    c.header("X-Request-Id", c.get("requestId"));
  });
  app.use(
    secureHeaders({
      contentSecurityPolicy: {
        defaultSrc: ["'self'"],
        styleSrc: ["'self'", "'unsafe-inline'"],
        imgSrc: ["'self'", "data:"],
        objectSrc: ["'none'"],
        baseUri: ["'none'"],
        frameAncestors: ["'none'"],
      },
      xFrameOptions: "DENY",
      // A promise of HTTPS is for the proxy that terminates it to make.
      strictTransportSecurity: false,
    }),
  );
  if (corsOrigins.length > 0) {
    const exposeHeaders = ["ETag", "Link", "Location", "Retry-After", "X-Request-Id"];
    app.use(cors({ origin: [...corsOrigins], exposeHeaders, maxAge: 600 }));
  }
  app.use(compress({ threshold: 1024 }));
  const onError = (): never => {
    throw new Problem(413, `a body has at most ${MAX_BODY_BYTES} bytes`);
  };
  app.use(bodyLimit({ maxSize: MAX_BODY_BYTES, onError }));
}

/** A known path by another method: 405 with the methods there are (RFC 9110 §15.5.6). */
function refuseOtherMethods(app: OpenAPIHono<ApiEnv>): void {
  const methods = new Map<string, string[]>();
  for (const route of Object.keys(ROUTE_ACCESS)) {
    const [method, path] = route.split(" ") as [string, string];
    methods.set(path, [...(methods.get(path) ?? []), method]);
  }
  for (const [path, allowed] of methods) {
    const allow = [...allowed, ...(allowed.includes("GET") ? ["HEAD"] : [])].join(", ");
    app.all(path.replace(/\{(\w+)\}/g, ":$1"), (c) => {
      throw new Problem(405, `${c.req.method} is not for ${c.req.path}`, { headers: { Allow: allow } });
    });
  }
}

function answerError({ log }: ApiDeps, c: Context<ApiEnv>, error: Error): Response {
  const requestId = c.get("requestId");
  const problem = problemOf(error) ?? new Problem(500, "something went wrong on our side");
  if (problem.status >= 500) {
    log.error({ err: error.cause ?? error, requestId, method: c.req.method, path: c.req.path }, problem.message);
  }
  for (const [name, value] of Object.entries(problem.headers)) c.header(name, value);
  c.header("Cache-Control", "no-store");
  return c.body(JSON.stringify(problemBody(problem, requestId)), problem.status as 400, {
    "Content-Type": "application/problem+json",
  });
}
