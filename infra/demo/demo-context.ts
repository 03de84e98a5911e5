import { mkdirSync, openSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Logger } from "pino";
import { type Config, environmentWithDefaults } from "../config/config.ts";
import { readConfigOrExit } from "../runtime/lifecycle.ts";
import { createLogger } from "../runtime/logger.ts";
import { findRunningProcess } from "../runtime/pid-file.ts";

/** Configuration, log and data directory of a demo. */
export interface DemoContext {
  config: Config;
  log: Logger;
  logFile: string;
  /** receives the log lines of all processes, so that the terminal shows only the live line */
  logDescriptor: number;
  /** whether the previous demo was killed */
  afterCrash: boolean;
  /** removes the pid file: this demo has stopped cleanly */
  close(): Promise<void>;
}

/**
 * Reads the configuration, takes the data directory and opens the log file. Exits the process when a demo with the same
 * data directory is running.
 */
export async function createDemoContext(): Promise<DemoContext> {
  const config = readConfigOrExit(
    environmentWithDefaults({ DATA_DIR: join("data", "demo"), LOG_PRETTY: "false", MCP: "on" }),
  );
  mkdirSync(config.dataDirectory, { recursive: true });
  const pidFile = join(config.dataDirectory, "demo.pid");
  const running = await findRunningProcess(pidFile, "launch.mjs");
  if (running !== undefined) {
    process.stderr.write(
      `waystock: a demo with its data in ${config.DATA_DIR} is already running (process ${running})\n`,
    );
    process.exit(1);
  }
  let afterCrash = false;
  try {
    writeFileSync(pidFile, String(process.pid), { flag: "wx" });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    afterCrash = true;
    writeFileSync(pidFile, String(process.pid));
  }
  const logFile = join(config.dataDirectory, "waystock.log");
  const logDescriptor = openSync(logFile, "a");
  return {
    config,
    log: createLogger(config, "demo", logDescriptor),
    logFile,
    logDescriptor,
    afterCrash,
    close: async () => rmSync(pidFile, { force: true }),
  };
}
