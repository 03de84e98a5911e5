import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import type { Logger } from "pino";
import type { Health, SupervisorMessage, Ready, ChildMessage } from "./ipc.ts";

const FIRST_BACKOFF_MS = 250;
/** What a process dies of may last; once it is over, the process is to be back within 10 s. */
const MAX_BACKOFF_MS = 5_000;
/** A process that has run this long is stable again: its next death is answered quickly. */
const STABLE_AFTER_MS = 30_000;

export interface ProcessOptions {
  name: string;
  /** the script to run */
  file: string;
  arguments?: readonly string[];
  environment: NodeJS.ProcessEnv;
  /** options of Node itself */
  nodeOptions?: readonly string[];
  /** file descriptor its output goes to; ours by default */
  output?: number | undefined;
  /** after this long a stop becomes a SIGKILL */
  stopWithinMs: number;
  onHealth?: (health: Health) => void;
}

/** A child process that is started again whenever it dies, until it is closed. */
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

  /** Starts it and waits until it is ready. Rejects when it ends before that: what cannot start is not started again. */
  async start(): Promise<Ready> {
    const child = this.#spawn();
    const ready = await new Promise<Ready>((resolve, reject) => {
      child.on("message", ({ ready }: ChildMessage) => {
        if (ready !== undefined) resolve(ready);
      });
      child.once("error", reject);
      child.once("exit", (code, signal) => {
        reject(new Error(`${this.#options.name} ended (${signal ?? `exit code ${code}`}) before it was ready`));
      });
    });
    child.once("exit", (code, signal) => this.#onExit(code, signal));
    if (child.exitCode !== null || child.signalCode !== null) this.#onExit(child.exitCode, child.signalCode);
    return ready;
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /** Says something to it, if it is there to listen. */
  send(notice: SupervisorMessage): void {
    if (this.#child?.connected) this.#child.send(notice, () => undefined);
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
      this.#log.error({ waitedMs: this.#options.stopWithinMs }, "did not stop in time and is killed");
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
      onHealth?.(Object.fromEntries(Object.keys(reported).map((part) => [part, exited])));
    });
    this.#child = child;
    return child;
  }

  #onExit(code: number | null, signal: NodeJS.Signals | null): void {
    if (this.#closing) return;
    const backoffMs = this.#backoffMs;
    this.#backoffMs = Math.min(backoffMs * 2, MAX_BACKOFF_MS);
    this.#log.error({ code, signal, backoffMs }, "died and is started again");
    this.#restartTimer = setTimeout(() => this.#restart(), backoffMs);
  }

  #restart(): void {
    const child = this.#spawn();
    const stable = setTimeout(() => (this.#backoffMs = FIRST_BACKOFF_MS), STABLE_AFTER_MS);
    child.once("exit", (code, signal) => {
      clearTimeout(stable);
      this.#onExit(code, signal);
    });
    child.once("error", (error) => this.#log.error({ err: error }, "could not be started"));
    child.on("message", ({ ready }: ChildMessage) => {
      if (ready !== undefined) this.#log.info({ pid: child.pid }, "is ready again");
    });
  }
}
