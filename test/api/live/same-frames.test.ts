import { pino } from "pino";
import { afterAll, beforeAll, expect, test } from "vitest";
import { PendingChanges } from "../../../api/live/changes.ts";
import { EventBuffer } from "../../../api/live/event-buffer.ts";
import { type LiveFeed, openLiveFeed } from "../../../api/live/feed.ts";
import { StreamView } from "../../../api/live/stream-view.ts";
import { createDatabase, type TestDatabase } from "../../support/postgres.ts";

const MINUTE = 60_000;
let db: TestDatabase;
let feed: LiveFeed;

beforeAll(async () => {
  db = await createDatabase();
  feed = openLiveFeed({ pool: db.pool, listener: db.listener, log: pino({ level: "silent" }) });
  expect(await feed.isListening(10_000)).toBe(true);
});
afterAll(async () => {
  await feed?.close();
  await db?.drop();
});

/** Reads chunks until one is an event of `topic`. */
async function next(reader: ReadableStreamDefaultReader<Uint8Array>, topic: string): Promise<Uint8Array> {
  for (;;) {
    const { value } = await reader.read();
    if (value === undefined) throw new Error("the stream has ended");
    if (Buffer.from(value).includes(`event: ${topic}\n`)) return value;
  }
}

async function move(vehicleId: number, lat: number): Promise<void> {
  await db.pool.query(
    `INSERT INTO vehicle_positions (vehicle_id, device_id, ts, received_at, lat, lon) VALUES ($1, 'gps', now(), now(), $2, 11)
     ON CONFLICT (vehicle_id) DO UPDATE SET lat = excluded.lat`,
    [vehicleId, lat],
  );
  await db.pool.query("SELECT pg_notify('changes', $1)", [JSON.stringify({ positions: [vehicleId] })]);
}

test("viewers with the same view are sent the same bytes, made once", async () => {
  const { rows } = await db.pool.query<{ id: number }>("INSERT INTO vehicles (name) VALUES ('one') RETURNING id");
  const topics = new Set(["positions"] as const);
  const north = new StreamView({ west: 0, south: 48, east: 20, north: 60 });
  const south = new StreamView({ west: 0, south: 30, east: 20, north: 47 });
  const clients = [undefined, undefined, north, north, south].map((view) => feed.connect(topics, undefined, view));
  const readers = clients.map(({ stream }) => stream.getReader());
  await move(rows[0]!.id, 48.5);
  const frames = await Promise.all(readers.slice(0, 4).map((reader) => next(reader, "positions")));
  expect(frames[1]).toBe(frames[0]);
  expect(frames[3]).toBe(frames[2]);
  expect(frames[2]).not.toBe(frames[0]);
  // The viewer of the south has heard nothing of it: its first event is of the move to the south.
  await move(rows[0]!.id, 40);
  const first = await next(readers[4]!, "positions");
  expect(Buffer.from(first).toString()).toContain('"lat":40');
  for (const client of clients) client.close();
});

test("a resource that changes all the time is sent once a second in its newest state, and delays no other", () => {
  const pending = new PendingChanges();
  const sentAt: number[] = [];
  for (let now = 0; now < 10_000; now += 50) {
    pending.add("positions", [1]);
    if (now === 4_950) pending.add("positions", [2]);
    if (pending.waitMs(now) !== 0) continue;
    const keys = [...(pending.drain(now).get("positions")?.keys ?? [])];
    if (keys.includes(1)) sentAt.push(now);
    if (keys.includes(2)) expect(now).toBe(4_950);
  }
  expect(sentAt).toHaveLength(11);
  for (const [at, time] of sentAt.entries()) if (at > 0) expect(time - sentAt[at - 1]!).toBeGreaterThanOrEqual(950);
  // The last change of it waits for its turn and is not forgotten.
  pending.add("positions", [1]);
  expect(pending.waitMs(10_000)).toBeGreaterThan(0);
  expect([...pending.drain(10_900).get("positions")!.keys]).toEqual([1]);
  expect(pending.waitMs(10_900)).toBeUndefined();
});

test("what could not be read is sent at once when it can be", () => {
  const pending = new PendingChanges();
  pending.add("stock", [1, 2]);
  pending.add("devices", null);
  pending.restore(pending.drain(0));
  expect(pending.waitMs(1)).toBe(0);
  const drained = pending.drain(1);
  expect([...drained.get("stock")!.keys]).toEqual([1, 2]);
  expect(drained.get("devices")!.all).toBe(true);
});

test("a client resumes within 10,000 events or five minutes, and is told of a gap after that", () => {
  const topics = new Set(["stock"] as const);
  const buffer = new EventBuffer(1_000);
  const ids = Array.from({ length: 10_000 }, (_, at) => buffer.add("stock", [{ id: at }], 0).id);
  expect(buffer.after(ids[0]!, topics)).toHaveLength(9_999);
  expect(buffer.after(ids[0]! - 1, topics)).toHaveLength(10_000);
  buffer.add("stock", [], 0);
  expect(buffer.after(ids[0]! - 1, topics)).toBeUndefined();
  expect(buffer.after(ids[0]!, topics)).toHaveLength(10_000);
  buffer.add("stock", [], 5 * MINUTE);
  expect(buffer.after(ids[1]!, topics)).toHaveLength(10_000);
  const last = buffer.add("stock", [], 5 * MINUTE + 1).id;
  expect(buffer.after(ids[9_999]!, topics)).toBeUndefined();
  expect(buffer.after(last - 1, topics)).toHaveLength(1);
  expect(buffer.after(last + 1, topics)).toBeUndefined();
});

test("a topic that nobody has followed cannot be resumed, and the others can", () => {
  const buffer = new EventBuffer(1_000);
  const { id } = buffer.add("positions", [], 0);
  buffer.skip("shipments");
  buffer.add("positions", [], 0);
  expect(buffer.after(id, new Set(["positions"] as const))).toHaveLength(1);
  expect(buffer.after(id, new Set(["positions", "shipments"] as const))).toBeUndefined();
  expect(buffer.after(buffer.last, new Set(["positions", "shipments"] as const))).toEqual([]);
});
