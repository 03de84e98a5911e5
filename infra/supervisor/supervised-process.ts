import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import type { Logger } from "pino";
import type { ChildMessage, Health, Ready, SupervisorMessage } from "./ipc.ts";

const FIRST_BACKOFF_MS = 250;
/** The cause of a crash may last; once it is over, the process must be back within 10 s. */
const MAX_BACKOFF_MS = 5_000;
/** After this long without a crash the backoff starts again at its first value. */
const STABLE_AFTER_MS = 30_000;

export interface ProcessOptions {
  name: string;
  /** the script to run */
  file: string;
  arguments?: readonly string[];
  environment: NodeJS.ProcessEnv;
  /** options of Node itself */
  nodeOptions?: readonly string[];
  /** file descriptor for its output; ours by default */
  output?: number | undefined;
  /** a process that has not stopped after this long gets a SIGKILL */
  stopWithinMs: number;
  onHealth?: (health: Health) => void;
}

/** A child process that is restarted with exponential backoff whenever it exits, until it is closed. */
export class SupervisedProcess {
  readonly #options: ProcessOptions;
  readonly #log: Logger;
  #child: ChildProcess | undefined;
  #ports: Record<string, string> = {};
  #backoffMs = FIRST_BACKOFF_MS;
  #restartTimer: NodeJS.Timeout | undefined;
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
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
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
    const { name, file, environment, output, onHealth } = this.#options;
    const child = fork(file, this.#options.arguments ?? [], {
      env: { ...environment, ...this.#ports },
      execArgv: ["--enable-source-maps", ...(this.#options.nodeOptions ?? [])],
      stdio: ["ignore", output ?? "inherit", output ?? "inherit", "ipc"],
    });
    let reported: Health = { [name]: { ok: true } };
    child.on("message", ({ ready, health }: ChildMessage) => {
      if (ready?.ports !== undefined) this.#ports = ready.ports;
      reported = { ...reported, ...health };
      onHealth?.(reported);
    });
    child.once("exit", () => {
      const exited = { ok: false, detail: `${name} does not run` };
      onHealth?.(Object.fromEntries(Object.keys(reported).map((component) => [component, exited])));
    });
    this.#child = child;
    return child;
  }

  #onExit(code: number | null, signal: NodeJS.Signals | null): void {
    if (this.#closing) return;
    const backoffMs = this.#backoffMs;
    this.#backoffMs = Math.min(backoffMs * 2, MAX_BACKOFF_MS);
    this.#log.error({ code, signal, backoffMs }, "exited unexpectedly; restarting");
    this.#restartTimer = setTimeout(() => this.#startAgain(), backoffMs);
  }

  #startAgain(): void {
    const child = this.#spawn();
    const stable = setTimeout(() => (this.#backoffMs = FIRST_BACKOFF_MS), STABLE_AFTER_MS);
    child.once("exit", (code, signal) => {
      clearTimeout(stable);
      this.#onExit(code, signal);
    });
    child.once("error", (error) => this.#log.error({ err: error }, "could not be started"));
    child.on("message", ({ ready }: ChildMessage) => {
      if (ready !== undefined) this.#log.info({ pid: child.pid }, "restarted");
    });
  }
}
