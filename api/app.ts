import { OpenAPIHono } from "@hono/zod-openapi";
import { Sessions } from "./auth/sessions.ts";
import { openTokens } from "./auth/tokens.ts";
import type { ApiDeps, ApiEnv } from "./deps.ts";
import { createAuthenticator } from "./http/authenticate.ts";
import { createEndpoints } from "./http/endpoint.ts";
import { sendProblem } from "./http/error-handler.ts";
import { refuseOtherMethods } from "./http/method-not-allowed.ts";
import { useMiddleware } from "./http/middleware.ts";
import { Problem } from "./http/problem.ts";
import { RateLimiter } from "./http/rate-limit.ts";
import { serveStaticFiles } from "./http/static-files.ts";
import { registerAudit } from "./resources/audit/routes.ts";
import { registerAuth } from "./resources/auth/routes.ts";
import { registerCalibration } from "./resources/calibration/routes.ts";
import { registerCommands } from "./resources/commands/routes.ts";
import { registerCycleCounts } from "./resources/cycle-counts/routes.ts";
import { registerDecoding } from "./resources/decoding/routes.ts";
import { registerDeviceProfiles } from "./resources/device-profiles/routes.ts";
import { registerDeviceTokens } from "./resources/device-tokens/routes.ts";
import { registerDevices } from "./resources/devices/routes.ts";
import { registerDocuments } from "./resources/documents/routes.ts";
import { registerHandlingUnits } from "./resources/handling-units/routes.ts";
import { registerInventory } from "./resources/inventory/routes.ts";
import { registerItems } from "./resources/items/routes.ts";
import { registerLocations } from "./resources/locations/routes.ts";
import { registerOperations } from "./resources/operations/routes.ts";
import { registerOrders } from "./resources/orders/routes.ts";
import { registerQuarantine } from "./resources/quarantine/routes.ts";
import { registerReadings } from "./resources/readings/routes.ts";
import { registerShipmentHandling } from "./resources/shipments/handling-routes.ts";
import { registerShipmentHistory } from "./resources/shipments/history-routes.ts";
import { registerShipments } from "./resources/shipments/routes.ts";
import { registerStream } from "./resources/stream/routes.ts";
import { registerUsers } from "./resources/users/routes.ts";
import { registerVehicles } from "./resources/vehicles/routes.ts";

/** The whole HTTP interface. It opens no socket and reads no environment: everything it needs comes in `deps`. */
export function createApp(deps: ApiDeps): OpenAPIHono<ApiEnv> {
  const { pool, log, settings, series } = deps;
  const app = new OpenAPIHono<ApiEnv>();
  const tokens = openTokens(pool, settings.publicUrl);
  const sessions = new Sessions(pool, tokens);
  const authenticator = createAuthenticator(pool, sessions, new RateLimiter(settings.apiRate, deps.createTokenBucket));

  app.onError((error, c) => sendProblem(log, c, error));
  app.notFound((c) => sendProblem(log, c, new Problem(404, `there is nothing at ${c.req.path}`)));
  useMiddleware(app, settings.corsOrigins);

  const endpoints = createEndpoints(app, pool, authenticator);
  registerAuth(endpoints, deps, sessions);
  registerUsers(endpoints, pool, sessions);
  registerAudit(endpoints, pool);
  registerShipments(endpoints, pool, settings.gs1CompanyPrefix);
  registerShipmentHandling(endpoints, pool);
  registerHandlingUnits(endpoints, pool, settings.gs1CompanyPrefix);
  registerShipmentHistory(endpoints, pool, series);
  registerInventory(endpoints, pool);
  registerCycleCounts(endpoints, pool);
  registerLocations(endpoints, pool);
  registerItems(endpoints, pool);
  registerVehicles(endpoints, pool);
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

  refuseOtherMethods(app, endpoints.routes());
  if (settings.dashboardDirectory !== undefined) serveStaticFiles(app, settings.dashboardDirectory);
  return app;
}
