import type { Logger } from "pino";
import type { WaitingDevices } from "./waiting-devices.ts";

/** devices whose messages are sent on one connection at a time */
const AT_A_TIME = 16;
/** devices with new messages that wait for a slow connection; with more, all waiting devices are looked up again */
const MAX_DUE = 10_000;
const RETRY_MS = 1000;

/**
 * Whose messages are sent next on one connection: those of a few devices at a time, in the order of their notices. When no device
 * is left, the next ones are looked up.
 */
export class DeviceTurns {
  readonly #serve: (deviceId: string) => Promise<void>;
  readonly #waiting: WaitingDevices;
  readonly #log: Logger;
  /** devices that wait for their turn, in order */
  readonly #due = new Set<string>();
  /** devices whose turn it is; true: they have another one afterwards */
  readonly #serving = new Map<string, boolean>();
  #isLookingUp = false;
  #retry: NodeJS.Timeout | undefined;
  readonly #work = new Set<Promise<void>>();
  #closed = false;

  /** @param serve sends what waits for one device; called once at a time for each */
  constructor(serve: (deviceId: string) => Promise<void>, waiting: WaitingDevices, log: Logger) {
    this.#serve = serve;
    this.#waiting = waiting;
    this.#log = log;
  }

  /** A turn for every device for which messages wait. */
  addWaiting(): void {
    this.#waiting.restart();
    this.#goOn();
  }

  /** A turn for this device, which has a new message. */
  add(deviceId: string): void {
    this.#append(deviceId);
    this.#goOn();
  }

  /** Resolves when no turn is left. */
  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#retry);
    await Promise.all(this.#work);
  }

  #append(deviceId: string): void {
    if (this.#serving.has(deviceId)) this.#serving.set(deviceId, true);
    else if (this.#due.size < MAX_DUE) this.#due.add(deviceId);
    else if (!this.#due.has(deviceId)) this.#waiting.restart();
  }

  #goOn(): void {
    if (this.#retry !== undefined) return;
    while (!this.#closed && this.#due.size > 0 && this.#serving.size < AT_A_TIME) {
      const deviceId = this.#due.keys().next().value!;
      this.#due.delete(deviceId);
      this.#serving.set(deviceId, false);
      this.#track(this.#take(deviceId));
    }
    if (this.#closed || this.#due.size > 0 || this.#isLookingUp || this.#waiting.isDone) return;
    this.#isLookingUp = true;
    this.#track(this.#lookUp());
  }

  async #take(deviceId: string): Promise<void> {
    try {
      await this.#serve(deviceId);
    } catch (cause) {
      this.#pause({ err: cause, device: deviceId });
    }
    const repeat = this.#serving.get(deviceId);
    this.#serving.delete(deviceId);
    if (repeat) this.#append(deviceId);
    this.#goOn();
  }

  async #lookUp(): Promise<void> {
    try {
      for (const deviceId of await this.#waiting.next()) this.#append(deviceId);
    } catch (cause) {
      this.#pause({ err: cause });
    }
    this.#isLookingUp = false;
    this.#goOn();
  }

  /** Postgres does not answer: all devices for which messages wait have their turn a little later. */
  #pause(about: object): void {
    this.#due.clear();
    this.#waiting.restart();
    if (this.#retry !== undefined || this.#closed) return;
    this.#log.warn(about, "broker: queued messages could not be sent to a gateway, retrying");
    this.#retry = setTimeout(() => {
      this.#retry = undefined;
      this.#goOn();
    }, RETRY_MS);
  }

  #track(work: Promise<void>): void {
    this.#work.add(work);
    void work.finally(() => this.#work.delete(work));
  }
}
