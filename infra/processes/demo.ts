import { createSignInLink, ensureAccount } from "../../api/auth/bootstrap-admin.ts";
import { demoOptions } from "../../simulators/cli/demo-options.ts";
import { isSet } from "../config/config.ts";
import { DEMO_EMAIL } from "../demo/demo-admin.ts";
import { bootstrapAdmin } from "../runtime/bootstrap-admin.ts";
import { createDemoContext } from "../demo/demo-context.ts";
import { runDemo } from "../demo/run-demo.ts";
import { startPartner } from "../demo/partner/partner.ts";
import { choosePorts } from "../demo/ports.ts";
import { openSeriesStore } from "../demo/series-store.ts";
import { openTerminal } from "../demo/terminal.ts";
import { keptPassword } from "../runtime/kept-password.ts";
import { runProcess } from "../runtime/lifecycle.ts";
import { startPlatform } from "../supervisor/supervisor.ts";

const terminal = openTerminal();
const { print } = terminal;
const demo = await createDemoContext();
const { config, log, logDescriptor: output } = demo;

// The platform, a believable world, and simulated devices that publish over real MQTT: `npm run demo`.
await runProcess(
  "demo",
  async (context) => {
    context.components.register("demo pid file", demo, () => demo.close());
    process.once("SIGINT", () => print("stopping"));
    const ports = await choosePorts(config, isSet, demo.afterCrash, print);
    const series = await openSeriesStore(context);
    print(`series store: ${series.name}`);
    print(`state store: ${config.DATABASE_URL === undefined ? "embedded Postgres" : "Postgres at DATABASE_URL"}`);
    const configured = bootstrapAdmin(config);
    const { email, password } = configured ?? { email: DEMO_EMAIL, password: await keptPassword(config.dataDirectory) };
    const admin = { ADMIN_EMAIL: email, ADMIN_PASSWORD: password, ADMIN_PASSWORD_FILE: undefined };
    const partner = await startPartner(context);
    const fixed = { DATA_DIR: config.dataDirectory, LOG_PRETTY: "false", MCP: config.MCP, ...admin };
    const environment = { ...fixed, ...ports, ...series.environment, ...partner.environment };
    const platform = await startPlatform(context, { environment, output });
    const account = { email, password, isConfigured: configured !== undefined };
    const signIn = { createSignInLink, ensureAccount, account };
    await runDemo({ context, platform, partner, ...signIn, simulatorOptions: demoOptions, output, terminal });
    print(`MQTT: ${platform.urls["mqtt"]}  log: ${demo.logFile}  Ctrl-C stops everything`);
    return { urls: platform.urls };
  },
  config,
  log,
  (error) => process.stderr.write(`waystock: could not start: ${error.message} (more in ${demo.logFile})\n`),
);
