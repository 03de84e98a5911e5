import { randomUUID } from "node:crypto";
import { chmod, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Logger } from "pino";
import { environmentWith } from "../config/config.ts";
import { variableNames } from "../config/variables.ts";
import { SupervisedProcess } from "../supervisor/supervised-process.ts";
import { processFile } from "../supervisor/supervisor.ts";

/** A stop of `npm start` takes up to 10 s. */
const STOP_WITHIN_MS = 10_000;

interface ScorePlatform {
  url: string;
  api: string;
  account: { email: string; password: string };
  close(): Promise<void>;
}

/**
 * Starts the platform as `npm start` does, with default settings, on free ports and with an empty data directory, which
 * is removed when the platform is closed.
 */
export async function startScorePlatform(log: Logger): Promise<ScorePlatform> {
  const directory = await mkdtemp(join(tmpdir(), "waystock-score-"));
  const remove = () => rm(directory, { recursive: true, force: true });
  // Enterable for the user of the embedded Postgres, which is not root.
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
