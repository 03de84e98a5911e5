import { expect, test } from "vitest";
import { readEventLog } from "../../../api/resources/event-log/queries.ts";
import { deleteOldEvents, deleteUnreportedEvents } from "../../../ingest/stores/queries/retention/old-events.ts";
import { createDatabase } from "../../support/postgres.ts";

test("events are kept for 30 days and up to a number, and who had not had them is told that they are missed", async () => {
  const db = await createDatabase();
  const { pool } = db;
  try {
    await pool.query(`INSERT INTO outbound_events (position, id, type, subject, happened_at, recorded_at, data)
        SELECT nr, 'e' || nr, 'order.created', '/orders/1', now(), now() - make_interval(days => 41 - nr, hours => -1), '{}' FROM generate_series(1, 40) nr;
      INSERT INTO event_followers (name, position) VALUES ('behind', 4), ('there', 40)`);
    const missed = async () =>
      (await readEventLog(pool)).followers.map((each) => [each.name, each.missed, each.missed_at !== null]);
    // Those of the 10th day and before are older than 30 days, in batches.
    expect([await deleteOldEvents(pool, 6), await deleteOldEvents(pool, 6), await deleteOldEvents(pool, 6)]).toEqual([
      6, 4, 0,
    ]);
    expect(await missed()).toEqual([
      ["behind", 6, true],
      ["there", 0, false],
    ]);
    // Of more than five the newest are kept.
    expect(await deleteOldEvents(pool, 100, 5)).toBe(25);
    expect((await pool.query("SELECT min(position)::int AS first FROM outbound_events")).rows).toEqual([{ first: 36 }]);
    expect(await missed()).toEqual([
      ["behind", 31, true],
      ["there", 0, false],
    ]);
    const { first_event_at: first, last_event_at: last, bytes } = await readEventLog(pool);
    expect(first!.getTime()).toBeLessThan(last!.getTime());
    expect(bytes).toBeGreaterThan(8_000);
  } finally {
    await db.drop();
  }
});

test("events that no relay has taken for 7 days are deleted, and all who follow are told that they are missed", async () => {
  const db = await createDatabase();
  const { pool } = db;
  try {
    await pool.query(`INSERT INTO outbox (event, record_id, created_at)
        SELECT 'fact.changed', nr, now() - make_interval(days => 11 - nr, hours => -1) FROM generate_series(1, 10) nr;
      INSERT INTO event_followers (name, position) VALUES ('one', 0), ('two', 0)`);
    const missed = async () => (await readEventLog(pool)).followers.map((each) => [each.name, each.missed]);
    expect([await deleteUnreportedEvents(pool, 2), await deleteUnreportedEvents(pool, 2)]).toEqual([2, 1]);
    expect(await missed()).toEqual([
      ["one", 3],
      ["two", 3],
    ]);
    expect(await deleteUnreportedEvents(pool, 2)).toBe(0);
    expect((await pool.query("SELECT min(record_id)::int AS first FROM outbox")).rows).toEqual([{ first: 4 }]);
  } finally {
    await db.drop();
  }
});
