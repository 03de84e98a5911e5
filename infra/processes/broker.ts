import { setFlagsFromString } from "node:v8";
import type { JournalWriter } from "../../broker/journal/journal.ts";
import { openJournalWriter } from "../../broker/journal/segment-writer.ts";
import { startBroker } from "../../broker/server.ts";
import { DEFAULT_BROKER_SETTINGS } from "../../broker/settings.ts";
import { waitForFreePorts } from "../runtime/free-port.ts";
import { runProcess } from "../runtime/lifecycle.ts";
import { createListener } from "../postgres/listener.ts";
import { createProcessPool } from "../postgres/process-pool.ts";
import { ownFigures } from "../supervisor/figures.ts";
import { startHealthReports } from "../supervisor/health-reports.ts";
import type { ComponentHealth } from "../supervisor/health.ts";
import { addressBlock, createClientAddress } from "../runtime/client-address.ts";
import { createAttemptCounter } from "../runtime/attempt-counter.ts";
import { createRefusalLimit } from "../runtime/refusal-limit.ts";
import { maskSecrets } from "../runtime/mask-secrets.ts";
import { createTokenBucket } from "../runtime/token-bucket.ts";

// Thousands of connecting clients leave garbage that Node would keep until the heap has grown fourfold. Growing by half
// is enough for a process whose own objects hardly change.
setFlagsFromString("--heap-growing-percent=50");

// Devices in: authenticates clients and acknowledges a message once it is in the journal.
await runProcess("broker", async (context) => {
  const { config, log, components } = context;
  const { mqtt, mqtts, webSocket } = config.listeners;
  await waitForFreePorts({ MQTT_PORT: mqtt, MQTTS_PORT: mqtts, MQTT_WS_PORT: webSocket });
  const pool = createProcessPool(context, 4);
  const listener = components.register("Postgres listener", createListener(pool, log));
  const { journalDirectory: directory, JOURNAL_MAX_BYTES: maxBytes } = config;
  const journal = components.register("journal", await openJournalWriter({ directory, maxBytes, log }));
  const resolveAddress = createClientAddress(config.TRUSTED_PROXIES);
  const settings = {
    ...DEFAULT_BROKER_SETTINGS,
    mqtt,
    mqtts,
    webSocket,
    tls: config.tls,
    proxyProtocol: config.MQTT_PROXY_PROTOCOL,
    loginAttempts: config.LOGIN_TRIES,
    bridge:
      config.UPSTREAM_MQTT_URL === undefined
        ? undefined
        : { url: config.UPSTREAM_MQTT_URL, topics: config.UPSTREAM_MQTT_TOPIC },
    dataDir: config.dataDirectory,
    anonymousLoopback: config.MQTT_ANONYMOUS === "loopback",
    deniedSubscriptions: config.deniedSubscriptions,
    allowedOrigins: [
      ...(config.PUBLIC_URL === undefined ? [] : [new URL(config.PUBLIC_URL).origin]),
      ...config.CORS_ORIGINS,
    ],
    clientAddress: (address: string, forwardedFor: string | undefined) =>
      resolveAddress(address, forwardedFor) ?? address,
    deviceRate: config.DEVICE_RATE,
    connectsPerMinute: config.CONNECTS_PER_MINUTE,
  };
  const broker = components.register(
    "listeners",
    await startBroker({
      pool,
      listener,
      createTokenBucket,
      createAttemptCounter,
      createRefusalLimit,
      addressBlock,
      journal,
      log,
      maskSecrets,
      settings,
    }),
  );
  const own = ownFigures(pool);
  const health = async () => ({
    health: { broker: { ok: true, detail: broker.connections() }, journal: journalHealth(journal) },
    figures: {
      ...own(),
      mqtt_connections: broker.connections(),
      messages_accepted: broker.accepted(),
      journal_bytes: journal.size(),
      journal_pending: journal.pending().messages,
      puback_delay_seconds: journal.ackThrottle.delayMs / 1_000,
    },
  });
  components.register("health reports", startHealthReports(health, log));
  const urls: Record<string, string> = {};
  const ports: Record<string, string> = {};
  const addListener = (
    name: string,
    port: number | undefined,
    scheme: string,
    host: string | undefined,
    path = "",
  ): void => {
    if (port === undefined) return;
    urls[scheme] = `${scheme}://${host}:${port}${path}`;
    ports[name] = String(port);
  };
  addListener("MQTT_PORT", broker.port, "mqtt", mqtt?.host);
  addListener("MQTTS_PORT", broker.tlsPort, "mqtts", mqtts?.host);
  addListener("MQTT_WS_PORT", broker.wsPort, webSocket?.tls ? "wss" : "ws", webSocket?.host, "/mqtt");
  return { urls, ports };
});

function journalHealth({ state, ackThrottle }: JournalWriter): ComponentHealth {
  if (state !== "ready") return { ok: false, detail: state };
  return ackThrottle.delayMs > 0
    ? { ok: true, detail: `PUBACKs slowed by ${ackThrottle.delayMs} ms: ingest is behind` }
    : { ok: true };
}
