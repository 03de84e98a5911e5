/** Receives what is notified on one Postgres channel. */
export interface Subscriber {
  channel: string;
  onNotify(payload: string): void;
  /** The channel is listened to from now on. Earlier notifications are unknown: read everything again. */
  onListening(): void;
}

/** The process's one connection that listens for Postgres notifications. */
export interface PostgresListener {
  /** @returns a function that ends the subscription */
  subscribe(subscriber: Subscriber): () => void;
}
