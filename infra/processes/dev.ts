import { extname, join } from "node:path";
import { demoOptions } from "../../simulators/cli/demo-options.ts";
import { environmentWithDefaults } from "../config/config.ts";
import { runDev } from "../dev/run-dev.ts";
import { readConfigOrExit, runProcess } from "../runtime/lifecycle.ts";

if (extname(import.meta.url) !== ".ts") throw new Error("`npm run dev` runs the sources, not the compiled tree");
const config = readConfigOrExit(environmentWithDefaults({ DATA_DIR: join("data", "dev") }));
const print = (line: string) => process.stdout.write(`${line}\n`);

// The platform for people who change it: restarts on save, dashboard with hot reload, simulated devices.
await runProcess(
  "dev",
  async (context) => ({ urls: await runDev(context, { simulatorOptions: demoOptions, print }) }),
  config,
);
