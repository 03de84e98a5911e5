import { rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type pg from "pg";
import { environmentWith } from "../config/config.ts";
import type { ProcessContext } from "../runtime/lifecycle.ts";
import { createPool } from "../postgres/pool.ts";
import { SupervisedProcess } from "../supervisor/supervised-process.ts";
import { type Platform, processFile } from "../supervisor/supervisor.ts";
import { selectAdministrator } from "./demo-admin.ts";
import { startLiveLine } from "./live-line.ts";
import { startTokenRenewal } from "./sign-in.ts";

export interface RunDemoOptions {
  context: ProcessContext;
  platform: Platform;
  /** of the API's sign-in, handed over by the composition root */
  createSignInLink: (pool: pg.Pool, userId: number, publicUrl: string) => Promise<string>;
  simulatorOptions: readonly string[];
  /** file descriptor the simulator writes to */
  output: number;
  say: (line: string) => void;
}

/** Fills a running platform with simulated devices, offers a way in, and says every second how it goes. */
export async function runDemo({
  context,
  platform,
  createSignInLink,
  simulatorOptions,
  output,
  say,
}: RunDemoOptions): Promise<void> {
  const { components, log } = context;
  const { api: page = "", mqtt = "" } = platform.urls;
  const pool = createPool(platform.databaseUrl, { max: 2, applicationName: "waystock demo", log });
  components.register("demo pool", pool, () => pool.end());

  const administrator = await selectAdministrator(pool);
  const makeLink = () => createSignInLink(pool, administrator, page);
  say(`dashboard: ${page}`);
  say(`sign in (once) at ${await makeLink()}`);

  const tokenFile = join(context.config.dataDirectory, "simulator.token");
  const handOver = (token: string) => replaceFile(tokenFile, token);
  components.register(
    "sign-in",
    await startTokenRenewal(makeLink, handOver, (error) => log.warn({ err: error }, "no new token")),
  );
  const simulator = new SupervisedProcess(
    {
      name: "simulator",
      file: processFile("simulate"),
      arguments: [...simulatorOptions, "--url", mqtt, "--api", page, "--token-file", tokenFile],
      environment: environmentWith({}),
      output,
      stopWithinMs: 2_000,
    },
    log,
  );
  components.register("simulator", simulator);
  await simulator.start();
  components.register("live line", startLiveLine(pool, platform.health, say));
}

/** Writes a file for our eyes only, of which nobody ever sees a part. */
async function replaceFile(file: string, text: string): Promise<void> {
  await writeFile(`${file}.new`, text, { mode: 0o600 });
  await rename(`${file}.new`, file);
}
