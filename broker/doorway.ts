import type { Logger } from "pino";
import { GuardedConnection, type GuardOptions, type Origin, type Transport } from "./guard.ts";

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

  constructor(caps: ConnectionCaps, guard: GuardOptions, handle: (connection: GuardedConnection) => void, log: Logger) {
    this.#caps = caps;
    this.#guard = guard;
    this.#handle = handle;
    this.#log = log;
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

  closeAll(): void {
    for (const connection of this.#open) connection.destroy();
  }
}
