import { join } from "node:path";
import type pg from "pg";
import { writeFileAtomically } from "../../broker/journal/atomic-file.ts";
import { environmentWith } from "../config/config.ts";
import { createPool } from "../postgres/pool.ts";
import type { ProcessContext } from "../runtime/lifecycle.ts";
import { SupervisedProcess } from "../supervisor/supervised-process.ts";
import { type Platform, processFile } from "../supervisor/supervisor.ts";
import { selectAdministrator } from "./demo-admin.ts";
import { startLiveLine } from "./live-line.ts";
import { startTokenRenewal } from "./sign-in.ts";

export interface RunDemoOptions {
  context: ProcessContext;
  platform: Platform;
  /** from the API's sign-in; passed in by the composition root */
  createSignInLink: (pool: pg.Pool, userId: number, publicUrl: string) => Promise<string>;
  simulatorOptions: readonly string[];
  /** file descriptor for the output of the simulator */
  output: number;
  print: (line: string) => void;
}

/** Starts simulated devices on a running platform, prints the dashboard's URL and a sign-in, and one live line a second. */
export async function runDemo(options: RunDemoOptions): Promise<void> {
  const { context, platform, createSignInLink, simulatorOptions, output, print } = options;
  const { components, log } = context;
  const { api = "", mqtt = "" } = platform.urls;
  const pool = createPool(platform.databaseUrl, { max: 2, applicationName: "waystock demo", log });
  components.register("demo pool", pool, () => pool.end());

  const administrator = await selectAdministrator(pool);
  const createLink = () => createSignInLink(pool, administrator, api);
  print(`dashboard: ${api}`);
  print(`sign in (once) at ${await createLink()}`);

  const tokenFile = join(context.config.dataDirectory, "simulator.token");
  const onToken = (token: string) => writeFileAtomically(tokenFile, token, 0o600);
  const onError = (error: unknown) => log.warn({ err: error }, "renewing the simulator's token failed; retrying");
  components.register("token renewal", await startTokenRenewal(createLink, onToken, onError));
  const simulator = new SupervisedProcess(
    {
      name: "simulator",
      file: processFile("simulate"),
      arguments: [...simulatorOptions, "--url", mqtt, "--api", api, "--token-file", tokenFile],
      environment: environmentWith({}),
      output,
      stopWithinMs: 2_000,
    },
    log,
  );
  components.register("simulator", simulator);
  await simulator.start();
  components.register("live line", startLiveLine(pool, platform.health, print));
}
