import { join } from "node:path";
import type pg from "pg";
import { writeFileAtomically } from "../../broker/journal/atomic-file.ts";
import { environmentWith } from "../config/config.ts";
import { createPool } from "../postgres/pool.ts";
import type { ProcessContext } from "../runtime/lifecycle.ts";
import { SupervisedProcess } from "../supervisor/supervised-process.ts";
import { type Platform, processFile } from "../supervisor/supervisor.ts";
import { selectAdministrator } from "./demo-admin.ts";
import { type Partner, startTrading } from "./partner/partner.ts";
import { startLiveLine } from "./live-line.ts";
import { serveSignInLink } from "./sign-in-link.ts";
import type { Terminal } from "./terminal.ts";
import { startTokenRenewal } from "./sign-in.ts";

export interface RunDemoOptions {
  context: ProcessContext;
  platform: Platform;
  /** from the API's sign-in; passed in by the composition root */
  createSignInLink: (pool: pg.Pool, userId: number, publicUrl: string) => Promise<string>;
  ensureAccount: (pool: pg.Pool, account: Account) => Promise<void>;
  partner: Partner;
  /** the administrator who is configured, or the demo's own */
  account: Account & { isConfigured: boolean };
  simulatorOptions: readonly string[];
  /** file descriptor for the output of the simulator */
  output: number;
  terminal: Terminal;
}

interface Account {
  email: string;
  password: string;
}

/** Starts simulated devices on a running platform, prints the dashboard's URL and a sign-in, and one live line a second. */
export async function runDemo(options: RunDemoOptions): Promise<void> {
  const { context, platform, createSignInLink, ensureAccount, account, partner, simulatorOptions, output, terminal } =
    options;
  const { components, log } = context;
  const { print } = terminal;
  const { api = "", mqtt = "" } = platform.urls;
  const pool = createPool(platform.databaseUrl, { max: 2, applicationName: "waystock demo", log });
  components.register("demo pool", pool, () => pool.end());

  // The data may be of a demo that printed no password, or somebody has changed it on the page.
  if (!account.isConfigured) await ensureAccount(pool, account);
  const administrator = await selectAdministrator(pool, account.email);
  const createLink = () => createSignInLink(pool, administrator, api);
  const link = components.register("sign-in link", await serveSignInLink(createLink, log));
  print(`dashboard: ${api}`);
  print(`sign in at ${link.url} (as often as you like, from any browser on this machine)`);
  const password = account.isConfigured
    ? "with the password in ADMIN_PASSWORD"
    : `with the password ${account.password}`;
  print(`or as ${account.email} ${password}`);

  print(
    "watch Alerts and Orders: within minutes a shelf runs out, an order is drafted (approve it, or see it approved), a truck brings",
  );
  print("it, the shelf counts it by itself; and somebody takes pieces from another shelf");
  print(
    "the warehouse in Munich has work, too: orders to pick in a wave, lots that expire, and goods on its dock to put away",
  );

  const tokenFile = join(context.config.dataDirectory, "simulator.token");
  let token = "";
  const onToken = (renewed: string) => {
    token = renewed;
    return writeFileAtomically(tokenFile, renewed, 0o600);
  };
  const onError = (error: unknown) => log.warn({ err: error }, "renewing the simulator's token failed; retrying");
  components.register("token renewal", await startTokenRenewal(createLink, onToken, onError));
  try {
    const trading = await startTrading(partner, { apiUrl: api, token: () => token, log });
    components.register("demo trade", trading);
    print(
      `watch Integrations: a partner's ERP, webhook and EPCIS receiver; what has reached them: ${partner.server.url}`,
    );
  } catch (error) {
    log.error({ err: error }, "the demo's partner could not be connected");
    print(`Integrations stay as they are: the demo's partner could not be connected (${(error as Error).message})`);
  }
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
  components.register("live line", startLiveLine(pool, platform.health, terminal.update));
}
