import type { Logger } from "pino";
import { type Config, npmScript, readConfig } from "../config/config.ts";
import { ConfigurationError } from "../config/configuration-error.ts";
import type { RawEnvironment } from "../config/environment.ts";
import { isSupervised, onSupervisorEvents, type Ready, sendToSupervisor } from "../supervisor/ipc.ts";
import { watchNpmParent } from "../supervisor/parent-watch.ts";
import { type Components, ComponentStack } from "./components.ts";
import { createLogger } from "./logger.ts";

/** A process whose supervisor has died exits within 5 s. */
const ORPHAN_STOP_WITHIN_MS = 4_000;
const SIGN_OF_LIFE_EVERY_MS = 1_000;

/** The means of a composition root. */
export interface ProcessContext {
  config: Config;
  log: Logger;
  components: Components;
}

/**
 * Runs one process of the platform: reads the configuration, calls `start`, reports ready, and stops on SIGTERM, on
 * SIGINT, or when its supervisor asks for it or has died. A second signal exits at once. An uncaught error is logged and
 * exits the process, because the state is no longer known.
 * @param onStartError receives the error of a failed start, for a process whose log is not on the terminal
 */
export async function runProcess(
  name: string,
  start: (context: ProcessContext) => Promise<Ready>,
  config: Config = readConfigOrExit(),
  log: Logger = createLogger(config, name),
  onStartError: (error: Error) => void = () => undefined,
): Promise<void> {
  const components = new ComponentStack(log);
  for (const event of ["uncaughtException", "unhandledRejection"] as const) {
    process.on(event, (error: unknown) => {
      log.fatal({ err: error }, `${event}; exiting`);
      process.exit(1);
    });
  }
  stopOnSignals(components);
  const { ignoredVariables: variables } = config;
  if (variables.length > 0 && !isSupervised())
    log.warn({ variables }, "these variables are not implemented and have no effect");
  try {
    const ready = await start({ config, log, components });
    if (!components.isStopping) sendToSupervisor({ ready });
  } catch (error) {
    // A start that a stop interrupts fails too; that is no error to report.
    if (components.isStopping) return;
    log.fatal({ err: error }, "could not start");
    onStartError(error as Error);
    components.stop("could not start", 1);
  }
}

/** The configuration; with problems in it, prints all of them to standard error and exits with code 1. */
export function readConfigOrExit(environment?: RawEnvironment): Config {
  try {
    return readConfig(environment);
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    process.stderr.write(`waystock: ${error.message}\n`);
    process.exit(1);
  }
}

function stopOnSignals(components: ComponentStack): void {
  const supervised = isSupervised();
  for (const signal of ["SIGINT", "SIGHUP"] as const) {
    // The terminal sends these to every process of the group; a supervised process waits for its supervisor.
    process.on(signal, () => {
      if (!supervised) components.stop(signal);
    });
  }
  process.on("SIGTERM", () => components.stop("SIGTERM"));
  // `npm start | head` closes the output, and a disk may be full: that costs the line.
  for (const stream of [process.stdout, process.stderr]) stream.on("error", () => undefined);
  if (supervised) {
    // A supervisor takes a process that says nothing for frozen, however long its start takes.
    setInterval(() => sendToSupervisor({}), SIGN_OF_LIFE_EVERY_MS).unref();
    onSupervisorEvents({
      stop: () => components.stop("the supervisor asked for it"),
      disconnected: () => components.stop("the supervisor has died", 0, ORPHAN_STOP_WITHIN_MS),
    });
  } else {
    watchNpmParent(npmScript(), () => {
      if (!components.isStopping) components.stop("npm has ended");
    });
  }
}
