import type { Pool } from "pg";
import type { RecordedEvent } from "./event.ts";
import { readEvents } from "./log.ts";

/**
 * Takes events in order, and stops when `signal` says that they are another process's now.
 * @returns the position of the last one that it is done with
 */
type Take = (events: readonly RecordedEvent[], signal: AbortSignal) => Promise<number>;

/** How long events are a process's without a sign of life of it, milliseconds. */
const LEASE_MS = 60_000;

/**
 * Gives a follower the events after those that it is done with, and notes how far it has come. One process at a time does so for one
 * follower, for the time of a lease that is renewed while it works; no transaction waits for it. A follower that is new begins at the
 * end of the log. Whoever is killed in between gets the same events again, with the same ids. What goes wrong is noted, and thrown.
 * @returns how many it took; undefined: another process is at it
 */
export async function follow(
  pool: Pool,
  name: string,
  limit: number,
  take: Take,
  leaseMs = LEASE_MS,
): Promise<number | undefined> {
  const state = (await look(pool, name)) ?? (await begin(pool, name));
  if (state.isTaken) return undefined;
  if (!state.hasEvents) return 0;
  const lease = await claim(pool, name, leaseMs);
  if (lease === undefined) return undefined;
  const lost = new AbortController();
  const renewal = setInterval(
    () => void renew(pool, name, lease.claim, leaseMs).catch(() => lost.abort()),
    leaseMs / 3,
  );
  try {
    const events = await readEvents(pool, lease.position, limit);
    const done = events.length === 0 ? lease.position : await take(events, lost.signal);
    clearInterval(renewal);
    await release(pool, name, lease.claim, done);
    return events.filter(({ position }) => position <= done).length;
  } catch (error) {
    clearInterval(renewal);
    await noteProblem(pool, name, error instanceof Error ? error.message : String(error));
    await release(pool, name, lease.claim, null);
    throw error;
  }
}

interface State {
  isTaken: boolean;
  hasEvents: boolean;
}

async function look(pool: Pool, name: string): Promise<State | undefined> {
  const { rows } = await pool.query<State>({
    name: "look_at_follower",
    text: `SELECT coalesce(claimed_until > now(), false) AS "isTaken",
        EXISTS (SELECT FROM outbound_events e WHERE e.position > f.position) AS "hasEvents"
      FROM event_followers f WHERE name = $1`,
    values: [name],
  });
  return rows[0];
}

async function begin(pool: Pool, name: string): Promise<State> {
  await pool.query(
    `INSERT INTO event_followers (name, position) SELECT $1, coalesce(max(position), 0) FROM outbound_events
    ON CONFLICT (name) DO NOTHING`,
    [name],
  );
  return (await look(pool, name))!;
}

async function claim(
  pool: Pool,
  name: string,
  leaseMs: number,
): Promise<{ position: number; claim: string } | undefined> {
  const { rows } = await pool.query<{ position: number; claim: string }>({
    name: "claim_events",
    text: `UPDATE event_followers SET claim = gen_random_uuid(), claimed_until = now() + make_interval(secs => $2::float8 / 1000)
      WHERE name = $1 AND (claimed_until IS NULL OR claimed_until <= now()) RETURNING position::float8, claim`,
    values: [name, leaseMs],
  });
  return rows[0];
}

/** @throws when the lease has ended and another process has it */
async function renew(pool: Pool, name: string, held: string, leaseMs: number): Promise<void> {
  const { rowCount } = await pool.query(
    "UPDATE event_followers SET claimed_until = now() + make_interval(secs => $3::float8 / 1000), updated_at = now() WHERE name = $1 AND claim = $2::uuid",
    [name, held, leaseMs],
  );
  if (rowCount !== 1) throw new Error(`another process follows the log as ${name}`);
}

/** @param done null: nothing was done. Who has lost the lease writes nothing. */
async function release(pool: Pool, name: string, held: string, done: number | null): Promise<void> {
  await pool.query({
    name: "release_events",
    text: `UPDATE event_followers SET claim = NULL, claimed_until = NULL, position = coalesce($3::bigint, position),
        updated_at = CASE WHEN $3::bigint IS NULL THEN updated_at ELSE now() END,
        problem = CASE WHEN $3::bigint IS NULL THEN problem END, failing_since = CASE WHEN $3::bigint IS NULL THEN failing_since END
      WHERE name = $1 AND claim = $2::uuid`,
    values: [name, held, done],
  });
}

/** Notes what a follower could not do, for `/metrics` and the page. */
export async function noteProblem(pool: Pool, name: string, problem: string): Promise<void> {
  await pool.query(
    "UPDATE event_followers SET problem = $2, failing_since = coalesce(failing_since, now()), updated_at = now() WHERE name = $1",
    [name, problem],
  );
}
