import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import type { Logger } from "pino";
import type { Conditions, Notice, Ready, Report } from "./ipc.ts";

const FIRST_PAUSE_MS = 250;
/** What a process dies of may last; once it is over, the process is to be back within 10 s. */
const LONGEST_PAUSE_MS = 5_000;
/** A process that has run this long is well again: its next death is answered quickly. */
const WELL_AFTER_MS = 30_000;

export interface ProcessDescription {
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
  onConditions?: (conditions: Conditions) => void;
}

/** A child process that is started again whenever it dies, until it is closed. */
export class SupervisedProcess {
  readonly #description: ProcessDescription;
  readonly #log: Logger;
  #child: ChildProcess | undefined;
  #ports: Record<string, string> = {};
  #pauseMs = FIRST_PAUSE_MS;
  #restart: NodeJS.Timeout | undefined;
  #closing = false;

  constructor(description: ProcessDescription, log: Logger) {
    this.#description = description;
    this.#log = log.child({ child: description.name });
  }

  /** Starts it and waits until it is ready. Rejects when it ends before that: what cannot start is not started again. */
  async start(): Promise<Ready> {
    const child = this.#spawn();
    const ready = await new Promise<Ready>((resolve, reject) => {
      child.on("message", ({ ready }: Report) => {
        if (ready !== undefined) resolve(ready);
      });
      child.once("error", reject);
      child.once("exit", (code, signal) => {
        reject(new Error(`${this.#description.name} ended (${signal ?? `exit code ${code}`}) before it was ready`));
      });
    });
    child.once("exit", (code, signal) => this.#onDeath(code, signal));
    if (child.exitCode !== null || child.signalCode !== null) this.#onDeath(child.exitCode, child.signalCode);
    return ready;
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /** Says something to it, if it is there to listen. */
  tell(notice: Notice): void {
    if (this.#child?.connected) this.#child.send(notice, () => undefined);
  }

  async close(): Promise<void> {
    this.#closing = true;
    clearTimeout(this.#restart);
    const child = this.#child;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, "exit");
    if (child.connected) this.tell({ stop: true });
    else child.kill("SIGTERM");
    const patience = setTimeout(() => {
      this.#log.error({ waitedMs: this.#description.stopWithinMs }, "did not stop in time and is killed");
      child.kill("SIGKILL");
    }, this.#description.stopWithinMs);
    await gone;
    clearTimeout(patience);
  }

  #spawn(): ChildProcess {
    const { name, file, environment, output, onConditions } = this.#description;
    const child = fork(file, this.#description.arguments ?? [], {
      env: { ...environment, ...this.#ports },
      execArgv: ["--enable-source-maps", ...(this.#description.nodeOptions ?? [])],
      stdio: ["ignore", output ?? "inherit", output ?? "inherit", "ipc"],
    });
    let reported: Conditions = { [name]: { ok: true } };
    child.on("message", ({ ready, conditions }: Report) => {
      if (ready?.ports !== undefined) this.#ports = ready.ports;
      reported = { ...reported, ...conditions };
      onConditions?.(reported);
    });
    child.once("exit", () => {
      const gone = { ok: false, detail: `${name} does not run` };
      onConditions?.(Object.fromEntries(Object.keys(reported).map((part) => [part, gone])));
    });
    this.#child = child;
    return child;
  }

  #onDeath(code: number | null, signal: NodeJS.Signals | null): void {
    if (this.#closing) return;
    const pauseMs = this.#pauseMs;
    this.#pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS);
    this.#log.error({ code, signal, pauseMs }, "died and is started again");
    this.#restart = setTimeout(() => this.#startAgain(), pauseMs);
  }

  #startAgain(): void {
    const child = this.#spawn();
    const well = setTimeout(() => (this.#pauseMs = FIRST_PAUSE_MS), WELL_AFTER_MS);
    child.once("exit", (code, signal) => {
      clearTimeout(well);
      this.#onDeath(code, signal);
    });
    child.once("error", (error) => this.#log.error({ err: error }, "could not be started"));
    child.on("message", ({ ready }: Report) => {
      if (ready !== undefined) this.#log.info({ pid: child.pid }, "is ready again");
    });
  }
}
