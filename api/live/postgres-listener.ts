/** The process's one connection that listens for Postgres notifications. */
export interface PostgresListener {
  /** @returns a function that ends the subscription */
  subscribe(subscriber: {
    channel: string;
    onNotify(payload: string): void;
    /** The channel is listened to from now on. Earlier notifications are unknown. */
    onListening(): void;
    /** The connection is lost: changes go unnoticed until `onListening`. */
    onLost?(): void;
    /** Postgres has just proven that it is there: it does so every few seconds. */
    onAlive?(): void;
  }): () => void;
}
