import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import type { Logger } from "pino";
import type { Health } from "./health.ts";
import type { ChildMessage, Ready, SupervisorMessage } from "./ipc.ts";
import type { ProcessOptions } from "./process-options.ts";

const FIRST_BACKOFF_MS = 250;
/** The cause of a crash may last; once it is over, the process must be back within 10 s. */
const MAX_BACKOFF_MS = 5_000;
/** After this long without a crash the backoff starts again at its first value. */
const STABLE_AFTER_MS = 30_000;
const WATCH_EVERY_MS = 1_000;

/** A child process that is restarted with exponential backoff whenever it exits or freezes, until it is closed. */
export class SupervisedProcess {
  readonly #options: ProcessOptions;
  readonly #log: Logger;
  #child: ChildProcess | undefined;
  #ports: Record<string, string> = {};
  #backoffMs = FIRST_BACKOFF_MS;
  #restartTimer: NodeJS.Timeout | undefined;
  #watch: NodeJS.Timeout | undefined;
  #closing = false;

  constructor(options: ProcessOptions, log: Logger) {
    this.#options = options;
    this.#log = log.child({ child: options.name });
  }

  /** Starts the process and waits until it is ready. Rejects when it exits before that; then it is not restarted. */
  async start(): Promise<Ready> {
    const child = this.#spawn();
    const ready = await new Promise<Ready>((resolve, reject) => {
      child.on("message", ({ ready }: ChildMessage) => {
        if (ready !== undefined) resolve(ready);
      });
      child.once("error", reject);
      child.once("exit", (code, signal) => {
        reject(new Error(`${this.#options.name} exited (${signal ?? `exit code ${code}`}) before it was ready`));
      });
    });
    child.once("exit", (code, signal) => this.#onExit(code, signal));
    if (child.exitCode !== null || child.signalCode !== null) this.#onExit(child.exitCode, child.signalCode);
    return ready;
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /** Sends a message to the process, if it runs. */
  send(message: SupervisorMessage): void {
    if (this.#child?.connected) this.#child.send(message, () => undefined);
  }

  /**
   * Stops the process and starts it again, with the ports it had. Rejects when it exits before it is ready; then it stays
   * down until the next call.
   */
  async restart(): Promise<Ready> {
    await this.close();
    this.#closing = false;
    return this.start();
  }

  async close(): Promise<void> {
    this.#closing = true;
    clearTimeout(this.#restartTimer);
    const child = this.#child;
    // A child that could not be spawned has no id, and never exits.
    if (child?.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, "exit");
    if (child.connected) this.send({ stop: true });
    else child.kill("SIGTERM");
    const deadline = setTimeout(() => {
      this.#log.error({ waitedMs: this.#options.stopWithinMs }, "did not stop in time: sending SIGKILL");
      child.kill("SIGKILL");
    }, this.#options.stopWithinMs);
    await exited;
    clearTimeout(deadline);
  }

  #spawn(): ChildProcess {
    const { name, file, environment, output, onHealth, onMessage } = this.#options;
    const child = fork(file, this.#options.arguments ?? [], {
      env: { ...environment, ...this.#ports },
      execArgv: ["--enable-source-maps", ...(this.#options.nodeOptions ?? [])],
      stdio: ["ignore", output ?? "inherit", output ?? "inherit", "ipc"],
    });
    let reported: Health = { [name]: { ok: true } };
    child.on("message", (message: ChildMessage) => {
      const { ready, health } = message;
      if (ready?.ports !== undefined) this.#ports = ready.ports;
      onMessage?.(message);
      reported = { ...reported, ...health };
      // A sign of life proves the process, not its components.
      onHealth?.(health === undefined ? { [name]: reported[name] ?? { ok: true } } : reported);
    });
    child.on("error", (error) => this.#log.error({ err: error }, "could not be started, or could not be reached"));
    this.#killWhenSilent(child);
    child.once("exit", () => {
      clearInterval(this.#watch);
      const exited = { ok: false, detail: `${name} does not run` };
      onHealth?.(Object.fromEntries(Object.keys(reported).map((component) => [component, exited])));
    });
    this.#child = child;
    return child;
  }

  /** Counts ticks and not time: when this process was frozen itself, the others have not been silent. */
  #killWhenSilent(child: ChildProcess): void {
    const { silentForMs } = this.#options;
    if (silentForMs === undefined) return;
    let ticks = 0;
    child.on("message", () => (ticks = 0));
    clearInterval(this.#watch);
    this.#watch = setInterval(() => {
      ticks += 1;
      if (ticks * WATCH_EVERY_MS < silentForMs) return;
      this.#log.error({ silentForMs }, "frozen: it has sent nothing for so long; sending SIGKILL");
      child.kill("SIGKILL");
    }, WATCH_EVERY_MS);
  }

  #onExit(code: number | null, signal: NodeJS.Signals | null): void {
    if (this.#closing) return;
    this.#startLater((backoffMs) => this.#log.error({ code, signal, backoffMs }, "exited unexpectedly; restarting"));
  }

  #startLater(report: (backoffMs: number) => void): void {
    const backoffMs = this.#backoffMs;
    this.#backoffMs = Math.min(backoffMs * 2, MAX_BACKOFF_MS);
    report(backoffMs);
    this.#restartTimer = setTimeout(() => this.#startAgain(), backoffMs);
  }

  /** The machine may be out of processes, memory or file descriptors for a while. */
  #onFailedSpawn(error: unknown): void {
    if (this.#closing) return;
    this.#startLater((backoffMs) => this.#log.error({ err: error, backoffMs }, "could not be started; trying again"));
  }

  #startAgain(): void {
    let child: ChildProcess;
    try {
      child = this.#spawn();
    } catch (error) {
      this.#onFailedSpawn(error);
      return;
    }
    if (child.pid === undefined) {
      child.once("error", (error) => this.#onFailedSpawn(error));
      return;
    }
    const stable = setTimeout(() => (this.#backoffMs = FIRST_BACKOFF_MS), STABLE_AFTER_MS);
    child.once("exit", (code, signal) => {
      clearTimeout(stable);
      this.#onExit(code, signal);
    });
    child.on("message", ({ ready }: ChildMessage) => {
      if (ready !== undefined) this.#log.info({ pid: child.pid }, "restarted");
    });
  }
}
