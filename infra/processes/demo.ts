import { createSignInLink } from "../../api/auth/bootstrap-admin.ts";
import { demoOptions } from "../../simulators/cli/demo-options.ts";
import { isGiven } from "../config/config.ts";
import { demoAdministrator } from "../demo/demo-admin.ts";
import { firstAdministrator } from "../runtime/bootstrap-admin.ts";
import { prepareGround } from "../demo/demo-context.ts";
import { showPlatform } from "../demo/run-demo.ts";
import { choosePorts } from "../demo/ports.ts";
import { openSeriesStore } from "../demo/series-store.ts";
import { runProcess } from "../runtime/lifecycle.ts";
import { startPlatform } from "../supervisor/supervisor.ts";

const say = (line: string) => process.stdout.write(`${line}\n`);
const ground = await prepareGround();
const { config, log, logDescriptor: output } = ground;

// The platform, a believable world, and simulated devices that publish over real MQTT: `npm run demo`.
await runProcess(
  "demo",
  async (surroundings) => {
    surroundings.parts.own("demo mark", ground, () => ground.leave());
    process.once("SIGINT", () => say("stopping"));
    const ports = await choosePorts(config, isGiven, ground.afterCrash, say);
    const series = await openSeriesStore(surroundings);
    say(`series store: ${series.name}`);
    say(`state store: ${config.DATABASE_URL === undefined ? "embedded Postgres" : "Postgres at DATABASE_URL"}`);
    const administrator = firstAdministrator(config) ? {} : demoAdministrator();
    const own = { DATA_DIR: config.dataDirectory, LOG_PRETTY: "false", ...administrator };
    const environment = { ...own, ...ports, ...series.environment };
    const platform = await startPlatform(surroundings, { environment, output });
    await showPlatform({ surroundings, platform, createSignInLink, simulatorOptions: demoOptions, output, say });
    say(`MQTT: ${platform.urls["mqtt"]}  log: ${ground.logFile}  Ctrl-C stops everything`);
    return { urls: platform.urls };
  },
  config,
  log,
  (error) => process.stderr.write(`waystock: could not start: ${error.message} (more in ${ground.logFile})\n`),
);
