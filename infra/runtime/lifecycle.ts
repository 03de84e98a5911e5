import type { Logger } from "pino";
import { type Config, npmScript, readConfig } from "../config/config.ts";
import type { RawEnvironment } from "../config/environment.ts";
import { ConfigurationError } from "../config/configuration-error.ts";
import { createLogger } from "./logger.ts";
import { watchNpmParent } from "../supervisor/parent-watch.ts";
import { isSupervised, onSupervisorEvents, type Ready, sendToSupervisor } from "../supervisor/ipc.ts";

/** After this long a stop is given up and the process ends as it is: nothing acknowledged depends on a clean end. */
const STOP_WITHIN_MS = 8_000;
/** A process whose supervisor is disconnected ends within 5 s. */
const ORPHAN_STOP_WITHIN_MS = 4_000;

/** npm passes a Ctrl-C on that the terminal has already sent: what follows so closely is the same one. */
const SAME_SIGNAL_MS = 1_000;

/** Something that was started and can be ended. */
export interface Component {
  close(): Promise<void>;
}

/** The components of one process: started in order, ended in reverse. */
export interface Components {
  /** Takes a started part over; it is closed when the process ends, after everything taken over later. */
  register<T extends Component>(name: string, part: T): T;
  /** The same for something that is not closed by a method called `close`. */
  register<T>(name: string, part: T, close: (part: T) => Promise<void>): T;
  /** Ends the whole process with this exit code, components first. */
  stop(reason: string, exitCode?: number): void;
}

/** What a composition root works with. */
export interface ProcessContext {
  config: Config;
  log: Logger;
  components: Components;
}

/**
 * Runs one process of the platform: reads the configuration, starts what `start` starts, reports it ready, and ends it
 * on SIGTERM, on SIGINT, or when its supervisor says so or is disconnected. A second signal ends it at once. An error that
 * nobody caught is logged and ends the process, because its state is no longer known.
 * @param complain told why the start failed, for a process whose log nobody watches
 */
export async function runProcess(
  name: string,
  start: (context: ProcessContext) => Promise<Ready>,
  config: Config = readConfigOrExit(),
  log: Logger = createLogger(config, name),
  complain: (error: Error) => void = () => undefined,
): Promise<void> {
  const components = new ComponentStack(log);
  for (const event of ["uncaughtException", "unhandledRejection"] as const) {
    process.on(event, (error: unknown) => {
      log.fatal({ err: error }, `${event}: this process ends`);
      process.exit(1);
    });
  }
  stopOnSignals(components);
  try {
    const ready = await start({ config, log, components });
    if (!components.isStopping) sendToSupervisor({ ready });
  } catch (error) {
    // What was still starting when the end was asked for fails, and is no news.
    if (components.isStopping) return;
    log.fatal({ err: error }, "could not start");
    complain(error as Error);
    components.stop("could not start", 1);
  }
}

/** For commands that answer and end: the configuration, or an end with every problem on standard error. */
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
    // The terminal sends these to everyone; a supervised process leaves the order of things to its supervisor.
    process.on(signal, () => {
      if (!supervised) components.stop(signal);
    });
  }
  process.on("SIGTERM", () => components.stop("SIGTERM"));
  // `npm run demo | head` is one way to end it.
  process.stdout.on("error", () => {
    if (!components.isStopping) components.stop("nobody reads the output any more");
  });
  if (supervised) {
    onSupervisorEvents({
      stop: () => components.stop("asked by the supervisor"),
      disconnected: () => components.stop("the supervisor is disconnected", 0, ORPHAN_STOP_WITHIN_MS),
    });
  } else {
    watchNpmParent(npmScript(), () => {
      if (!components.isStopping) components.stop("npm is disconnected");
    });
  }
}

class ComponentStack implements Components {
  readonly #log: Logger;
  readonly #registered: { name: string; close: () => Promise<void> }[] = [];
  #stoppedAt = 0;
  isStopping = false;

  constructor(log: Logger) {
    this.#log = log;
  }

  register<T>(name: string, part: T, close?: (part: T) => Promise<void>): T {
    const end = close ?? ((ended: T) => (ended as Component).close());
    this.#registered.push({ name, close: () => end(part) });
    return part;
  }

  stop(reason: string, exitCode = 0, withinMs = STOP_WITHIN_MS): void {
    if (this.isStopping) {
      if (performance.now() - this.#stoppedAt < SAME_SIGNAL_MS) return;
      // Asked again: whoever asks has waited long enough.
      this.#log.warn({ reason }, "ending at once");
      process.exit(exitCode || 1);
    }
    this.isStopping = true;
    this.#stoppedAt = performance.now();
    this.#log.info({ reason }, "stopping");
    const deadline = setTimeout(() => {
      this.#log.error({ withinMs, waitingFor: this.#registered.at(-1)?.name }, "did not stop in time; ending as it is");
      process.exit(1);
    }, withinMs);
    void this.#closeAll(exitCode).then((code) => {
      clearTimeout(deadline);
      process.exit(code);
    });
  }

  async #closeAll(exitCode: number): Promise<number> {
    let code = exitCode;
    for (let part = this.#registered.at(-1); part !== undefined; part = this.#registered.at(-1)) {
      try {
        await part.close();
      } catch (error) {
        this.#log.error({ err: error, closing: part.name }, "did not close cleanly");
        code ||= 1;
      }
      this.#registered.pop();
    }
    return code;
  }
}
