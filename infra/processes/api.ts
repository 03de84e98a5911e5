import { createApp } from "../../api/app.ts";
import { OidcProvider } from "../../api/auth/oidc/provider.ts";
import { ensureAdmin } from "../../api/auth/bootstrap-admin.ts";
import { sealStoredSecrets } from "../../api/auth/seal-stored.ts";
import { Sealer } from "../../api/auth/sealing.ts";
import { createAuditBatchWriter } from "../../api/http/audit/queries.ts";
import { openLiveFeed } from "../../api/live/feed.ts";
import { ensurePushKeys } from "../../api/integrations/channels/push-keys.ts";
import { startRelay } from "../../api/integrations/relay/relay.ts";
import { CaptureRunner } from "../../api/integrations/epcis/capture/capture-runner.ts";
import { ImportRunner } from "../../api/resources/imports/runner.ts";
import { ensureDefaultLocations } from "../../api/resources/locations/default-locations.ts";
import { openInfluxSeries } from "../../api/resources/readings/series-influx.ts";
import { openPostgresSeries } from "../../api/resources/readings/series-postgres.ts";
import { Provisioning } from "../../broker/auth/provisioning.ts";
import { TlsIdentity } from "../../broker/transport/tls.ts";
import { startLoop } from "../../ingest/workers/loop.ts";
import { passwordProblem } from "../config/password-rule.ts";
import { oidcSettings } from "../config/oidc.ts";
import { publicUrl } from "../config/config.ts";
import { bootstrapAdmin } from "../runtime/bootstrap-admin.ts";
import { logSealing, secretsKeys } from "../runtime/secrets-key.ts";
import { untilDone } from "../runtime/until-done.ts";
import { freePort, waitForFreePorts } from "../runtime/free-port.ts";
import { serveHttp } from "../runtime/http-server.ts";
import { connectLazily, influxSettings } from "../influx/lazy-connection.ts";
import { runProcess } from "../runtime/lifecycle.ts";
import { createListener } from "../postgres/listener.ts";
import { createProcessPool } from "../postgres/process-pool.ts";
import { dashboardDirectory, deviceGuide, version } from "../runtime/build-info.ts";
import { createHealthProbes } from "../runtime/health-probes.ts";
import { addressBlock, createClientAddress, createIsLocal } from "../runtime/client-address.ts";
import { ownFigures } from "../supervisor/figures.ts";
import { supervisorFigures } from "../supervisor/ipc.ts";
import { createAttemptCounter } from "../runtime/attempt-counter.ts";
import { createRefusalLimit } from "../runtime/refusal-limit.ts";
import { maskSecrets } from "../runtime/mask-secrets.ts";
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
    mcp: config.MCP === "on",
    stockAdjustLimit: config.STOCK_ADJUST_LIMIT,
    corsOrigins: config.CORS_ORIGINS,
    gs1CompanyPrefix: config.GS1_COMPANY_PREFIX,
    webhookAllowedHosts: config.WEBHOOK_ALLOWED_HOSTS,
    dashboardDirectory: dashboardDirectory,
    deviceGuide,
    version,
  };
  const series = influx ? openInfluxSeries(influx.query) : openPostgresSeries(pool);
  const probes = createHealthProbes(pool, influx?.ping);
  const feed = openLiveFeed({ pool, listener, log });
  const resolveAddress = createClientAddress(config.TRUSTED_PROXIES);
  const clientAddress: typeof resolveAddress = (socketAddress, forwardedFor) => {
    const address = resolveAddress(socketAddress, forwardedFor);
    return address === undefined ? undefined : addressBlock(address);
  };
  const own = ownFigures(pool);
  const reported = supervisorFigures();
  const oidc = oidcSettings(config);
  const sealer = new Sealer(await secretsKeys(config));
  const imports = new ImportRunner({ pool, addAuditEntries: createAuditBatchWriter(maskSecrets), log });
  components.register("imports", imports);
  const captures = new CaptureRunner({ pool, log });
  components.register("EPCIS captures", captures);
  const provisioning = new Provisioning(pool);
  const app = createApp({
    pool,
    log,
    settings,
    series,
    feed,
    imports,
    captures,
    probes,
    listener,
    clientAddress,
    isLocal: createIsLocal(config.TRUSTED_PROXIES),
    figures: () => ({ ...reported(), api: { figures: own(), ageMs: 0 } }),
    oidc: oidc && new OidcProvider(oidc, log),
    provisionDevice: (request) => provisioning.provisionByKey(request),
    sealer,
    passwordProblem,
    maskSecrets,
    createTokenBucket,
    createAttemptCounter,
    createRefusalLimit,
  });
  const ensure = async (): Promise<void> => {
    const link = await ensureAdmin(pool, bootstrapAdmin(config), settings.publicUrl);
    if (link !== undefined) log.info(`no administrator exists; create the first administrator (once) at ${link}`);
  };
  components.register("admin bootstrap", await untilDone(ensure, "cannot check for an administrator", log));
  const addPlaces = (): Promise<void> => ensureDefaultLocations(pool);
  components.register("default locations", await untilDone(addPlaces, "cannot make the default locations", log));
  const seal = async (): Promise<void> => logSealing(await sealStoredSecrets(pool, sealer), log);
  components.register("sealing of secrets", await untilDone(seal, "cannot seal stored secrets", log));
  const makeKeys = async (): Promise<void> => void (await ensurePushKeys(pool, sealer));
  components.register("keys of push", await untilDone(makeKeys, "cannot make the keys of push messages", log));
  if (config.RELAY === "on") {
    const { publicUrl } = settings;
    const {
      GS1_COMPANY_PREFIX: companyPrefix,
      SMTP_URL: smtpUrl,
      EVENTS_MQTT_URL: eventsMqttUrl,
      WEBHOOK_ALLOWED_HOSTS: allowedHosts,
    } = config;
    const relayTo = { publicUrl, smtpUrl, eventsMqttUrl, allowedHosts, companyPrefix };
    components.register("relay", startRelay({ pool, sealer, ...relayTo, startLoop, maskSecrets, log }));
  }
  // The broker's mechanism: the certificate is read again when its files change. Clients of the API send none.
  const certificate =
    http.tls && config.tls
      ? await TlsIdentity.open({ ...config.tls, clientCaFile: undefined, crlFile: undefined }, log)
      : undefined;
  if (certificate) components.register("certificate", certificate, async (identity) => identity.close());
  components.register("HTTP listener", await serveHttp(app.fetch, { ...http, port }, certificate));
  // Closed before the listener, which would wait for the open streams.
  components.register("live feed", feed);
  return { urls: { api: settings.publicUrl }, ports: { HTTP_PORT: String(port) } };
});
