import type { Logger } from "pino";

/** After this long the process exits even if a component has not closed: no acknowledged message depends on a clean stop. */
const STOP_WITHIN_MS = 8_000;
/** npm forwards a Ctrl-C that the terminal has sent to us already: a second signal within this time is the same one. */
const SAME_SIGNAL_MS = 1_000;

/** Something that was started and can be closed. */
export interface Component {
  close(): Promise<void>;
}

/** The components of one process: started in order, closed in reverse. */
export interface Components {
  /** Registers a started component; when the process stops it is closed after everything registered later. */
  register<T extends Component>(name: string, component: T): T;
  /** The same for something without a `close` method. */
  register<T>(name: string, component: T, close: (component: T) => Promise<void>): T;
  /** Closes all components, then exits with `exitCode`. */
  stop(reason: string, exitCode?: number): void;
}

export class ComponentStack implements Components {
  readonly #log: Logger;
  readonly #registered: { name: string; close: () => Promise<void> }[] = [];
  #stoppedAt = 0;
  isStopping = false;

  constructor(log: Logger) {
    this.#log = log;
  }

  register<T>(name: string, component: T, close?: (component: T) => Promise<void>): T {
    const closeIt = close ?? ((registered: T) => (registered as Component).close());
    this.#registered.push({ name, close: () => closeIt(component) });
    return component;
  }

  stop(reason: string, exitCode = 0, withinMs = STOP_WITHIN_MS): void {
    if (this.isStopping) {
      if (performance.now() - this.#stoppedAt < SAME_SIGNAL_MS) return;
      this.#log.warn({ reason }, "second signal; exiting without waiting for the components");
      process.exit(exitCode || 1);
    }
    this.isStopping = true;
    this.#stoppedAt = performance.now();
    this.#log.info({ reason }, "stopping");
    const deadline = setTimeout(() => {
      this.#log.error({ withinMs, waitingFor: this.#registered.at(-1)?.name }, "did not stop in time; exiting");
      process.exit(1);
    }, withinMs);
    void this.#closeAll(exitCode).then((code) => {
      clearTimeout(deadline);
      process.exit(code);
    });
  }

  async #closeAll(exitCode: number): Promise<number> {
    let code = exitCode;
    for (let last = this.#registered.at(-1); last !== undefined; last = this.#registered.at(-1)) {
      try {
        await last.close();
      } catch (error) {
        this.#log.error({ err: error, closing: last.name }, "a component failed to close");
        code ||= 1;
      }
      this.#registered.pop();
    }
    return code;
  }
}
