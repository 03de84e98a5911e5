import type { Logger } from "pino";
import { type Config, npmScript, readConfig } from "../config/config.ts";
import type { RawEnvironment } from "../config/environment.ts";
import { ConfigurationError } from "../config/problems.ts";
import { createLogger } from "./logger.ts";
import { watchNpm } from "../supervisor/parent-watch.ts";
import { isSupervised, onSupervisor, type Ready, report } from "../supervisor/ipc.ts";

/** After this long a stop is given up and the process ends as it is: nothing acknowledged depends on a clean end. */
const STOP_WITHIN_MS = 8_000;
/** A process whose supervisor is gone ends within 5 s. */
const STOP_ALONE_WITHIN_MS = 4_000;

/** npm passes a Ctrl-C on that the terminal has already sent: what follows so closely is the same one. */
const SAME_SIGNAL_MS = 1_000;

/** Something that was started and can be ended. */
export interface Part {
  close(): Promise<void>;
}

/** The parts of one process: started in order, ended in reverse. */
export interface Parts {
  /** Takes a started part over; it is closed when the process ends, after everything taken over later. */
  own<T extends Part>(name: string, part: T): T;
  /** The same for something that is not closed by a method called `close`. */
  own<T>(name: string, part: T, close: (part: T) => Promise<void>): T;
  /** Ends the whole process with this exit code, parts first. */
  stop(reason: string, exitCode?: number): void;
}

/** What a composition root works with. */
export interface Surroundings {
  config: Config;
  log: Logger;
  parts: Parts;
}

/**
 * Runs one process of the platform: reads the configuration, starts what `start` starts, reports it ready, and ends it
 * on SIGTERM, on SIGINT, or when its supervisor says so or is gone. A second signal ends it at once. An error that
 * nobody caught is logged and ends the process, because its state is no longer known.
 * @param complain told why the start failed, for a process whose log nobody watches
 */
export async function runProcess(
  name: string,
  start: (surroundings: Surroundings) => Promise<Ready>,
  config: Config = readConfigOrExit(),
  log: Logger = createLogger(config, name),
  complain: (error: Error) => void = () => undefined,
): Promise<void> {
  const parts = new OwnedParts(log);
  for (const event of ["uncaughtException", "unhandledRejection"] as const) {
    process.on(event, (error: unknown) => {
      log.fatal({ err: error }, `${event}: this process ends`);
      process.exit(1);
    });
  }
  listenForTheEnd(parts);
  try {
    const ready = await start({ config, log, parts });
    if (!parts.isStopping) report({ ready });
  } catch (error) {
    // What was still starting when the end was asked for fails, and is no news.
    if (parts.isStopping) return;
    log.fatal({ err: error }, "could not start");
    complain(error as Error);
    parts.stop("could not start", 1);
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

function listenForTheEnd(parts: OwnedParts): void {
  const supervised = isSupervised();
  for (const signal of ["SIGINT", "SIGHUP"] as const) {
    // The terminal sends these to everyone; a supervised process leaves the order of things to its supervisor.
    process.on(signal, () => {
      if (!supervised) parts.stop(signal);
    });
  }
  process.on("SIGTERM", () => parts.stop("SIGTERM"));
  // `npm run demo | head` is one way to end it.
  process.stdout.on("error", () => {
    if (!parts.isStopping) parts.stop("nobody reads the output any more");
  });
  if (supervised) {
    onSupervisor({
      stop: () => parts.stop("asked by the supervisor"),
      gone: () => parts.stop("the supervisor is gone", 0, STOP_ALONE_WITHIN_MS),
    });
  } else {
    watchNpm(npmScript(), () => {
      if (!parts.isStopping) parts.stop("npm is gone");
    });
  }
}

class OwnedParts implements Parts {
  readonly #log: Logger;
  readonly #owned: { name: string; close: () => Promise<void> }[] = [];
  #stoppedAt = 0;
  isStopping = false;

  constructor(log: Logger) {
    this.#log = log;
  }

  own<T>(name: string, part: T, close?: (part: T) => Promise<void>): T {
    const end = close ?? ((ended: T) => (ended as Part).close());
    this.#owned.push({ name, close: () => end(part) });
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
      this.#log.error({ withinMs, waitingFor: this.#owned.at(-1)?.name }, "did not stop in time; ending as it is");
      process.exit(1);
    }, withinMs);
    void this.#closeAll(exitCode).then((code) => {
      clearTimeout(deadline);
      process.exit(code);
    });
  }

  async #closeAll(exitCode: number): Promise<number> {
    let code = exitCode;
    for (let part = this.#owned.at(-1); part !== undefined; part = this.#owned.at(-1)) {
      try {
        await part.close();
      } catch (error) {
        this.#log.error({ err: error, closing: part.name }, "did not close cleanly");
        code ||= 1;
      }
      this.#owned.pop();
    }
    return code;
  }
}
