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
import { createListener } from "../postgres/listener.ts";
import { createProcessPool } from "../postgres/process-pool.ts";
import { dashboardDirectory, version } from "../runtime/build-info.ts";
import { createHealthProbes } from "../runtime/health-probes.ts";
import { createAttemptCounter } from "../runtime/attempt-counter.ts";
import { createTokenBucket } from "../runtime/token-bucket.ts";

// Answers out: the API, its live stream, and the dashboard that uses them.
await runProcess("api", async (context) => {
  const { config, log, components } = context;
  const { http } = config.listeners;
  if (http === undefined) throw new Error("HTTP_PORT is empty: there is no listener to open");
  await waitForFreePorts({ HTTP_PORT: http });
  // Tokens contain the public address, so the port is chosen before any token is issued.
  const port = http.port === 0 ? await freePort(http.host) : http.port;
  const pool = createProcessPool(context, 16);
  const listener = components.register("Postgres listener", createListener(pool, log));
  const influxConfig = influxSettings(config);
  const influx = influxConfig && connectLazily(influxConfig);
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
  const feed = openLiveFeed({ pool, listener, log });
  const app = createApp({ pool, log, settings, series, feed, probes, createTokenBucket, createAttemptCounter });
  const ensure = () => ensureAdmin(pool, bootstrapAdmin(config), settings.publicUrl);
  components.register("admin bootstrap", await startAdminBootstrap(ensure, log));
  components.register("HTTP listener", await serveHttp(app.fetch, { ...http, port }, config.tls));
  // Closed before the listener, which would wait for the open streams.
  components.register("live feed", feed);
  return { urls: { api: settings.publicUrl }, ports: { HTTP_PORT: String(port) } };
});
