import { randomUUID } from "node:crypto";
import { chmod, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Logger } from "pino";
import { environmentWith } from "../config/config.ts";
import { variableNames } from "../config/variables.ts";
import { SupervisedProcess } from "../supervisor/supervised-process.ts";
import { processFile } from "../supervisor/supervisor.ts";

/** What `npm start` may take to stop, and a little more. */
const STOP_WITHIN_MS = 10_000;

interface ScorePlatform {
  url: string;
  api: string;
  account: { email: string; password: string };
  close(): Promise<void>;
}

/**
 * The platform as `npm start` starts it, with every setting at its default, on free ports and with data of its own that
 * is removed when it is closed: it has heard of no world before.
 */
export async function startScorePlatform(log: Logger): Promise<ScorePlatform> {
  const directory = await mkdtemp(join(tmpdir(), "waystock-score-"));
  const remove = () => rm(directory, { recursive: true, force: true });
  // Where a Postgres that may not run as root can enter too.
  await chmod(directory, 0o711);
  const account = { email: "score@waystock.example", password: randomUUID() };
  const defaults = variableNames.flatMap((name) => [name, `${name}_FILE`]).map((name) => [name, undefined] as const);
  const environment = environmentWith({
    ...Object.fromEntries(defaults),
    DATA_DIR: directory,
    HTTP_PORT: "0",
    MQTT_PORT: "0",
    MQTT_WS_PORT: "",
    ADMIN_EMAIL: account.email,
    ADMIN_PASSWORD: account.password,
    LOG_LEVEL: "warn",
    LOG_PRETTY: "false",
  });
  const description = {
    name: "platform",
    file: processFile("all"),
    environment,
    output: 2,
    stopWithinMs: STOP_WITHIN_MS,
  };
  const platform = new SupervisedProcess(description, log);
  const close = async (): Promise<void> => {
    await platform.close();
    await remove();
  };
  try {
    const { urls = {} } = await platform.start();
    const { mqtt: url, api } = urls;
    if (url === undefined || api === undefined) throw new Error("the platform has no address");
    return { url, api, account, close };
  } catch (error) {
    await close();
    throw error;
  }
}
