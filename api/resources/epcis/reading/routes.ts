import type { ApiDeps } from "../../../deps.ts";
import type { Principals } from "../../../auth/principals.ts";
import type { Endpoints } from "../../../http/endpoint.ts";
import { registerEpcisCollections } from "./collection-routes.ts";
import { registerEpcisEventQueries } from "./event-routes.ts";
import { registerEpcisQueries } from "./query-routes.ts";
import { registerEpcisStreams } from "./stream-routes.ts";
import { registerEpcisSubscriptions } from "./subscription-routes.ts";

/** Everything that reads the repository of EPCIS events (docs/decisions/40-epcis-queries.md). */
export function registerEpcisReading(
  endpoints: Endpoints,
  { pool, log, listener, sealer, settings }: Pick<ApiDeps, "pool" | "log" | "listener" | "sealer" | "settings">,
  principals: Principals,
): void {
  const { gs1CompanyPrefix: companyPrefix } = settings;
  registerEpcisEventQueries(endpoints, companyPrefix);
  registerEpcisCollections(endpoints, companyPrefix);
  registerEpcisQueries(endpoints, companyPrefix);
  registerEpcisStreams(endpoints, { pool, log, listener, origins: settings.corsOrigins, companyPrefix }, principals);
  registerEpcisSubscriptions(endpoints, { sealer, allowedHosts: settings.webhookAllowedHosts });
}
