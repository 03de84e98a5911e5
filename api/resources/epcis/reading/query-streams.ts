import type { Pool } from "pg";
import type { Logger } from "pino";
import type { EventSocket } from "../../../integrations/epcis/subscriptions/event-socket.ts";
import type { PostgresListener } from "../../../live/postgres-listener.ts";

/** The WebSockets of this process by the named query that they follow. They end with it, whichever process deletes it. */
export class QueryStreams {
  readonly #pool: Pool;
  readonly #log: Logger;
  readonly #streams = new Map<string, Set<EventSocket>>();

  constructor(pool: Pool, listener: PostgresListener, log: Logger) {
    this.#pool = pool;
    this.#log = log;
    listener.subscribe({
      channel: "epcis_queries",
      onNotify: (name) => this.#end(name),
      onListening: () => void this.#endMissing([...this.#streams.keys()]),
    });
  }

  add(name: string, stream: EventSocket): void {
    const ofQuery = this.#streams.get(name) ?? new Set();
    this.#streams.set(name, ofQuery.add(stream));
    stream.onClosed(() => {
      ofQuery.delete(stream);
      if (ofQuery.size === 0 && this.#streams.get(name) === ofQuery) this.#streams.delete(name);
    });
    // The query may have been deleted while the request was on its way.
    void this.#endMissing([name]);
  }

  #end(name: string): void {
    for (const stream of this.#streams.get(name) ?? []) stream.end("the query was deleted");
  }

  async #endMissing(names: readonly string[]): Promise<void> {
    if (names.length === 0) return;
    try {
      const { rows } = await this.#pool.query<{ name: string }>({
        name: "epcis_queries_there",
        text: "SELECT name FROM epcis_queries WHERE name = ANY ($1::text[])",
        values: [names],
      });
      const there = new Set(rows.map(({ name }) => name));
      for (const name of names) if (!there.has(name)) this.#end(name);
    } catch (error) {
      // The listener reconnects when Postgres is back, and this is asked again.
      this.#log.debug({ err: error }, "named EPCIS queries could not be read");
    }
  }
}
