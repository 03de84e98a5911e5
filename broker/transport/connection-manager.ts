import type { Logger } from "pino";
import { GuardedConnection } from "../mqtt/connection.ts";
import type { GuardOptions } from "../mqtt/connection-options.ts";
import type { Origin, Transport } from "./transport.ts";

/** how often senders that keep silent are looked for */
const LOOK_MS = 250;

export interface ConnectionCaps {
  maxConnections: number;
  maxConnectionsPerAddress: number;
}

/** Takes new streams in, within the caps, and gives them on guarded. */
export class Doorway {
  readonly #caps: ConnectionCaps;
  readonly #guard: GuardOptions;
  readonly #handle: (connection: GuardedConnection) => void;
  readonly #log: Logger;
  readonly #open = new Set<GuardedConnection>();
  readonly #perAddress = new Map<string, number>();
  readonly #looking: NodeJS.Timeout;

  constructor(caps: ConnectionCaps, guard: GuardOptions, handle: (connection: GuardedConnection) => void, log: Logger) {
    this.#caps = caps;
    this.#guard = guard;
    this.#handle = handle;
    this.#log = log;
    // One timer for all. What they sent may be here and not yet read: timers come before sockets in a turn.
    this.#looking = setInterval(() => setImmediate(() => this.#look()), LOOK_MS);
  }

  /** Connections in all, also those that have not said who they are. */
  get size(): number {
    return this.#open.size;
  }

  enter(transport: Transport, origin: Origin): void {
    const { address } = origin;
    const here = this.#perAddress.get(address) ?? 0;
    if (this.#open.size >= this.#caps.maxConnections || here >= this.#caps.maxConnectionsPerAddress) {
      this.#log.warn({ address, open: this.#open.size, fromAddress: here }, "broker: connection refused, too many");
      transport.on("error", () => undefined);
      transport.destroy();
      return;
    }
    const connection = new GuardedConnection(transport, origin, this.#guard);
    this.#open.add(connection);
    this.#perAddress.set(address, here + 1);
    connection.once("close", () => {
      this.#open.delete(connection);
      const left = this.#perAddress.get(address)! - 1;
      if (left > 0) this.#perAddress.set(address, left);
      else this.#perAddress.delete(address);
    });
    this.#handle(connection);
  }

  stopReading(): void {
    for (const connection of this.#open) connection.stop();
  }

  /** Ends the connections whose origin holds no longer. */
  cutIf(isOver: (origin: Origin) => boolean): void {
    for (const connection of this.#open) {
      if (!isOver(connection.origin)) continue;
      const { address, certificateName } = connection.origin;
      this.#log.warn({ address, certificateName }, "broker: connection cut, its certificate is revoked");
      connection.destroy();
    }
  }

  /** Ends every connection; nobody enters afterwards. */
  closeAll(): void {
    clearInterval(this.#looking);
    for (const connection of this.#open) connection.destroy();
  }

  #look(): void {
    const now = performance.now();
    for (const connection of this.#open) connection.look(now);
  }
}
