import type { Logger } from "pino";
import { MqttConnection } from "../mqtt/connection.ts";
import type { ConnectionOptions } from "../mqtt/connection-options.ts";
import type { Peer } from "./peer.ts";
import type { TransportStream } from "./stream.ts";

/** how often connections are checked for CONNECT timeouts, keep alives and unread answers */
const CHECK_INTERVAL_MS = 250;

export interface ConnectionLimits {
  maxConnections: number;
  maxConnectionsPerAddress: number;
}

/** Accepts new streams within the limits and passes each on as an `MqttConnection`. */
export class ConnectionManager {
  readonly #limits: ConnectionLimits;
  readonly #options: ConnectionOptions;
  readonly #handle: (connection: MqttConnection) => void;
  readonly #log: Logger;
  readonly #open = new Set<MqttConnection>();
  /** by address block */
  readonly #perAddress = new Map<string, number>();
  readonly #timeoutTimer: NodeJS.Timeout;

  constructor(
    limits: ConnectionLimits,
    options: ConnectionOptions,
    handle: (connection: MqttConnection) => void,
    log: Logger,
  ) {
    this.#limits = limits;
    this.#options = options;
    this.#handle = handle;
    this.#log = log;
    // One timer for all connections. Timers run before sockets in a turn of the event loop, so bytes that have arrived
    // may not be read yet: `setImmediate` checks after the sockets.
    this.#timeoutTimer = setInterval(() => setImmediate(() => this.#checkTimeouts()), CHECK_INTERVAL_MS);
  }

  /** open connections, authenticated or not */
  get size(): number {
    return this.#open.size;
  }

  /** @returns the connection; undefined: it was refused, and the stream is closed */
  accept(transport: TransportStream, peer: Peer): MqttConnection | undefined {
    const { address, addressBlock } = peer;
    const fromAddress = this.#perAddress.get(addressBlock) ?? 0;
    if (this.#open.size >= this.#limits.maxConnections || fromAddress >= this.#limits.maxConnectionsPerAddress) {
      this.#log.warn(
        { address, open: this.#open.size, fromAddress },
        "broker: connection refused, too many connections",
      );
      transport.on("error", () => undefined);
      transport.destroy();
      return undefined;
    }
    const connection = new MqttConnection(transport, peer, this.#options);
    this.#open.add(connection);
    this.#perAddress.set(addressBlock, fromAddress + 1);
    connection.once("close", () => {
      this.#open.delete(connection);
      const left = this.#perAddress.get(addressBlock)! - 1;
      if (left > 0) this.#perAddress.set(addressBlock, left);
      else this.#perAddress.delete(addressBlock);
    });
    this.#handle(connection);
    return connection;
  }

  stopReading(): void {
    for (const connection of this.#open) connection.stopReading();
  }

  /** Ends the connections of peers whose certificate has been revoked. */
  disconnectRevoked(isRevoked: (certificateId: string) => boolean): void {
    for (const connection of this.#open) {
      const { address, certificateName, certificateId } = connection.peer;
      if (certificateId === undefined || !isRevoked(certificateId)) continue;
      this.#log.warn({ address, certificateName }, "broker: disconnected, its certificate is revoked");
      connection.destroy();
    }
  }

  /** Ends every connection. The listeners must be closed before. */
  closeAll(): void {
    clearInterval(this.#timeoutTimer);
    for (const connection of this.#open) connection.destroy();
  }

  #checkTimeouts(): void {
    const now = performance.now();
    for (const connection of this.#open) connection.checkTimeouts(now);
  }
}
