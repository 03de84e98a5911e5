import { createApp } from "../../api/app.ts";
import { ensureAdministrator } from "../../api/auth/bootstrap-admin.ts";
import { openLiveFeed } from "../../api/live/feed.ts";
import { openInfluxSeries } from "../../api/resources/readings/series-influx.ts";
import { openPostgresSeries } from "../../api/resources/readings/series-postgres.ts";
import { publicUrl } from "../config/config.ts";
import { firstAdministrator, offerWayIn } from "../runtime/bootstrap-admin.ts";
import { freePort, waitUntilFree } from "../runtime/free-port.ts";
import { serveHttp } from "../runtime/http-server.ts";
import { connectedWhenNeeded, influxSettings } from "../influx/connected-when-needed.ts";
import { runProcess } from "../runtime/lifecycle.ts";
import { ownPool } from "../runtime/own-pool.ts";
import { pageDirectory, version } from "../runtime/package-facts.ts";
import { platformProbes } from "../runtime/probes.ts";

// Answers out: the API, its live stream, and the page that uses them.
await runProcess("api", async (surroundings) => {
  const { config, log, parts } = surroundings;
  const { http } = config.listeners;
  if (http === undefined) throw new Error("HTTP_PORT is empty: there is nothing to do");
  await waitUntilFree({ HTTP_PORT: http });
  // Tokens name the address, so it is chosen before anything is made with it.
  const port = http.port === 0 ? await freePort(http.host) : http.port;
  const pool = ownPool(surroundings, 16);
  const given = influxSettings(config);
  const influx = given && connectedWhenNeeded(given);
  const settings = {
    publicUrl: publicUrl(config, port),
    loginTries: config.LOGIN_TRIES,
    apiRate: config.API_RATE,
    corsOrigins: config.CORS_ORIGINS,
    gs1CompanyPrefix: config.GS1_COMPANY_PREFIX,
    dashboardDirectory: pageDirectory,
    version,
  };
  const series = influx ? openInfluxSeries(influx.query) : openPostgresSeries(pool);
  const probes = platformProbes(pool, influx?.ping);
  const feed = openLiveFeed({ pool, log });
  const app = createApp({ pool, log, settings, series, feed, probes });
  const ensure = () => ensureAdministrator(pool, firstAdministrator(config), settings.publicUrl);
  parts.own("way in", await offerWayIn(ensure, log));
  parts.own("HTTP listener", await serveHttp(app.fetch, { ...http, port }, config.tls));
  // Closed before the listener: open streams would keep it waiting.
  parts.own("live feed", feed);
  return { urls: { api: settings.publicUrl }, ports: { HTTP_PORT: String(port) } };
});
