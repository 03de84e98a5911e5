import type { Pool } from "pg";
import { transaction } from "../../../ingest/decisions/record-facts.ts";
import type { RecordedEvent } from "./event.ts";
import { readEvents } from "./log.ts";

/** Takes events in order. @returns the position of the last one that it is done with */
type Take = (events: readonly RecordedEvent[]) => Promise<number>;

/**
 * Gives a follower the events after those that it is done with, and notes how far it has come. One process at a time does so for one
 * follower. A follower that is new begins at the end of the log. Whoever is killed in between gets the same events again, with the same
 * ids. @returns how many it took; undefined: another process is at it
 */
export async function follow(pool: Pool, name: string, limit: number, take: Take): Promise<number | undefined> {
  await pool.query(
    `INSERT INTO event_followers (name, position) SELECT $1, coalesce(max(position), 0) FROM outbound_events
    ON CONFLICT (name) DO NOTHING`,
    [name],
  );
  return transaction(pool, async (client) => {
    const { rows } = await client.query<{ position: number }>(
      "SELECT position::float8 FROM event_followers WHERE name = $1 FOR UPDATE SKIP LOCKED",
      [name],
    );
    const [row] = rows;
    if (row === undefined) return undefined;
    const events = await readEvents(client, row.position, limit);
    if (events.length === 0) return 0;
    const done = await take(events);
    await client.query(
      "UPDATE event_followers SET position = $2, updated_at = now(), problem = NULL, failing_since = NULL WHERE name = $1",
      [name, done],
    );
    return events.filter(({ position }) => position <= done).length;
  });
}

/** Notes what a follower could not do, for `/metrics` and the page. */
export async function noteProblem(pool: Pool, name: string, problem: string): Promise<void> {
  await pool.query(
    "UPDATE event_followers SET problem = $2, failing_since = coalesce(failing_since, now()), updated_at = now() WHERE name = $1",
    [name, problem],
  );
}
