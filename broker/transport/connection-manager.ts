import type { Logger } from "pino";
import { MqttConnection } from "../mqtt/connection.ts";
import type { ConnectionOptions } from "../mqtt/connection-options.ts";
import type { Peer } from "./peer.ts";
import type { TransportStream } from "./stream.ts";

/** how often senders that keep silent are looked for */
const LOOK_MS = 250;

export interface ConnectionLimits {
  maxConnections: number;
  maxConnectionsPerAddress: number;
}

/** Takes new streams in, within the caps, and gives them on guarded. */
export class ConnectionManager {
  readonly #caps: ConnectionLimits;
  readonly #guard: ConnectionOptions;
  readonly #handle: (connection: MqttConnection) => void;
  readonly #log: Logger;
  readonly #open = new Set<MqttConnection>();
  readonly #perAddress = new Map<string, number>();
  readonly #looking: NodeJS.Timeout;

  constructor(
    caps: ConnectionLimits,
    guard: ConnectionOptions,
    handle: (connection: MqttConnection) => void,
    log: Logger,
  ) {
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

  accept(transport: TransportStream, peer: Peer): void {
    const { address } = peer;
    const here = this.#perAddress.get(address) ?? 0;
    if (this.#open.size >= this.#caps.maxConnections || here >= this.#caps.maxConnectionsPerAddress) {
      this.#log.warn({ address, open: this.#open.size, fromAddress: here }, "broker: connection refused, too many");
      transport.on("error", () => undefined);
      transport.destroy();
      return;
    }
    const connection = new MqttConnection(transport, peer, this.#guard);
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
    for (const connection of this.#open) connection.stopReading();
  }

  /** Ends the connections whose peer holds no longer. */
  disconnectIf(isOver: (peer: Peer) => boolean): void {
    for (const connection of this.#open) {
      if (!isOver(connection.peer)) continue;
      const { address, certificateName } = connection.peer;
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
    for (const connection of this.#open) connection.checkKeepAlive(now);
  }
}
