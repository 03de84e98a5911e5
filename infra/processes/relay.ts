import { startRelay } from "../../api/integrations/relay/relay.ts";
import { Sealer } from "../../api/auth/sealing.ts";
import { startLoop } from "../../ingest/workers/loop.ts";
import { publicUrl } from "../config/config.ts";
import { createProcessPool } from "../postgres/process-pool.ts";
import { runProcess } from "../runtime/lifecycle.ts";
import { maskSecrets } from "../runtime/mask-secrets.ts";
import { secretsKeys } from "../runtime/secrets-key.ts";

// What leaves the house, alone: `npm run relay`, beside API processes with RELAY=off.
await runProcess("relay", async (context) => {
  const { config, log, components } = context;
  const pool = createProcessPool(context, 8);
  const sealer = new Sealer(await secretsKeys(config));
  const relay = startRelay({
    pool,
    sealer,
    publicUrl: publicUrl(config, config.listeners.http?.port ?? 0),
    smtpUrl: config.SMTP_URL,
    eventsMqttUrl: config.EVENTS_MQTT_URL,
    allowedHosts: config.WEBHOOK_ALLOWED_HOSTS,
    companyPrefix: config.GS1_COMPANY_PREFIX,
    startLoop,
    maskSecrets,
    log,
  });
  components.register("relay", relay);
  log.info("ready");
  return {};
});
