import { setTimeout as delay } from "node:timers/promises";
import { pino } from "pino";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type LiveFeed, openLiveFeed } from "../../api/live/feed.ts";
import { createDatabase, type TestDatabase } from "../support/postgres.ts";

const VEHICLES = 25_000;
let db: TestDatabase;
let feed: LiveFeed;

beforeAll(async () => {
  db = await createDatabase();
  feed = openLiveFeed({ pool: db.pool, listener: db.listener, log: pino({ level: "silent" }) });
});
afterAll(async () => {
  await feed?.close();
  await db?.drop();
});

/** A client that reads everything it is sent. */
function connect() {
  const client = feed.connect(new Set(["positions"] as const), undefined);
  const heard = { vehicles: new Set<number>(), resetsAt: [] as number[], ended: false };
  void (async () => {
    let text = "";
    for await (const chunk of client.stream.pipeThrough(new TextDecoderStream())) {
      text += chunk;
      const blocks = text.split("\n\n");
      text = blocks.pop()!;
      for (const block of blocks) {
        if (block.includes("event: reset")) heard.resetsAt.push(performance.now());
        const data = /^event: positions\ndata: (.*)$/m.exec(block)?.[1];
        if (data === undefined) continue;
        for (const { vehicle_id } of JSON.parse(data) as { vehicle_id: number }[]) heard.vehicles.add(vehicle_id);
      }
    }
    heard.ended = true;
  })();
  return { heard, client };
}

const notify = (notice: object) => db.pool.query("SELECT pg_notify('changes', $1)", [JSON.stringify(notice)]);

async function until(condition: () => boolean, limitMs: number): Promise<void> {
  const deadline = performance.now() + limitMs;
  while (!condition()) {
    if (performance.now() > deadline) throw new Error("it did not happen in time");
    await delay(20);
  }
}

test("a change of 25,000 resources reaches a client that reads, all of it", async () => {
  // In parts: each name is put into the search as well, and a statement may take 10 s.
  for (let added = 0; added < VEHICLES; added += 2_500)
    await db.pool.query("INSERT INTO vehicles (name) SELECT 'truck ' || n FROM generate_series($1::int, $2::int) n", [
      added + 1,
      added + 2_500,
    ]);
  const { heard, client } = connect();
  expect(await feed.isListening(10_000)).toBe(true);
  await db.pool.query(
    `INSERT INTO vehicle_positions (vehicle_id, device_id, ts, received_at, lat, lon)
     SELECT id, 'gps', now(), now(), 48, 11 FROM vehicles`,
  );
  await notify({ positions: null });
  await until(() => heard.vehicles.size === VEHICLES, 30_000);
  expect(heard.ended).toBe(false);
  client.close();
}, 60_000);

test("an error of the database loses no change, and makes nobody read everything again", async () => {
  const { rows } = await db.pool.query<{ id: number }>("SELECT id FROM vehicles LIMIT 3");
  const connected = Array.from({ length: 20 }, connect);
  await db.pool.query("ALTER TABLE vehicle_positions RENAME TO hidden_positions");
  await notify({ positions: rows.map(({ id }) => id) });
  await delay(600);
  await db.pool.query("ALTER TABLE hidden_positions RENAME TO vehicle_positions");
  for (const { heard } of connected) await until(() => heard.vehicles.size === 3, 10_000);
  for (const { heard, client } of connected) {
    expect(heard.resetsAt).toEqual([]);
    client.close();
  }
});

test("after a lost LISTEN connection the clients read everything again, one after the other", async () => {
  const connected = Array.from({ length: 40 }, connect);
  await delay(100);
  await db.pool.query(
    `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
     WHERE datname = current_database() AND application_name LIKE '% listener'`,
  );
  for (const { heard } of connected) await until(() => heard.resetsAt.length === 1, 15_000);
  const times = connected.map(({ heard }) => heard.resetsAt[0]!);
  expect(Math.max(...times) - Math.min(...times)).toBeGreaterThan(1500);
  for (const { client } of connected) client.close();
}, 30_000);
