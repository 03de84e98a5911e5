import { createApp } from "../../api/app.ts";
import { ensureAdmin } from "../../api/auth/bootstrap-admin.ts";
import { openLiveFeed } from "../../api/live/feed.ts";
import { openInfluxSeries } from "../../api/resources/readings/series-influx.ts";
import { openPostgresSeries } from "../../api/resources/readings/series-postgres.ts";
import { publicUrl } from "../config/config.ts";
import { bootstrapAdmin, startAdminBootstrap } from "../runtime/bootstrap-admin.ts";
import { freePort, waitForFreePorts } from "../runtime/free-port.ts";
import { serveHttp } from "../runtime/http-server.ts";
import { connectLazily, influxSettings } from "../influx/lazy-connection.ts";
import { runProcess } from "../runtime/lifecycle.ts";
import { createProcessPool } from "../postgres/process-pool.ts";
import { dashboardDirectory, version } from "../runtime/build-info.ts";
import { createHealthProbes } from "../runtime/health-probes.ts";

// Answers out: the API, its live stream, and the page that uses them.
await runProcess("api", async (context) => {
  const { config, log, components } = context;
  const { http } = config.listeners;
  if (http === undefined) throw new Error("HTTP_PORT is empty: there is nothing to do");
  await waitForFreePorts({ HTTP_PORT: http });
  // Tokens name the address, so it is chosen before anything is made with it.
  const port = http.port === 0 ? await freePort(http.host) : http.port;
  const pool = createProcessPool(context, 16);
  const given = influxSettings(config);
  const influx = given && connectLazily(given);
  const settings = {
    publicUrl: publicUrl(config, port),
    loginAttempts: config.LOGIN_TRIES,
    apiRate: config.API_RATE,
    corsOrigins: config.CORS_ORIGINS,
    gs1CompanyPrefix: config.GS1_COMPANY_PREFIX,
    dashboardDirectory: dashboardDirectory,
    version,
  };
  const series = influx ? openInfluxSeries(influx.query) : openPostgresSeries(pool);
  const probes = createHealthProbes(pool, influx?.ping);
  const feed = openLiveFeed({ pool, log });
  const app = createApp({ pool, log, settings, series, feed, probes });
  const ensure = () => ensureAdmin(pool, bootstrapAdmin(config), settings.publicUrl);
  components.register("way in", await startAdminBootstrap(ensure, log));
  components.register("HTTP listener", await serveHttp(app.fetch, { ...http, port }, config.tls));
  // Closed before the listener: open streams would keep it waiting.
  components.register("live feed", feed);
  return { urls: { api: settings.publicUrl }, ports: { HTTP_PORT: String(port) } };
});
