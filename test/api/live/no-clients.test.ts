import { pino } from "pino";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type LiveFeed, openLiveFeed } from "../../../api/live/feed.ts";
import { createDatabase, type TestDatabase } from "../../support/postgres.ts";

let db: TestDatabase;
let feed: LiveFeed;
let taken = 0;

beforeAll(async () => {
  db = await createDatabase();
  db.pool.on("acquire", () => (taken += 1));
  feed = openLiveFeed({ pool: db.pool, listener: db.listener, log: pino({ level: "silent" }), retentionMs: 0 });
});
afterAll(async () => {
  await feed.close();
  await db.drop();
});

/** How many connections a change costs: one for the notice itself, and what the feed reads. */
async function connectionsForNotice(): Promise<number> {
  const before = taken;
  await db.pool.query(`SELECT pg_notify('changes', '{"shipments":[1]}')`);
  await new Promise((resolve) => setTimeout(resolve, 200));
  return taken - before;
}

/** What a new viewer is told until it has heard `event`. */
async function heard(event: string, lastEventId?: string): Promise<string> {
  const viewer = feed.connect(new Set(["shipments"] as const), lastEventId);
  const reader = viewer.stream.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  while (!text.includes(`event: ${event}\n`)) text += (await reader.read()).value ?? "";
  await reader.cancel();
  return text;
}

test("while nobody looks nothing is read, and who comes back with an old id is told to read everything", async () => {
  // Someone looks: the feed listens, and reads what is notified.
  const looking = feed.connect(new Set(["shipments"] as const), undefined);
  await expect.poll(connectionsForNotice, { timeout: 10_000 }).toBeGreaterThan(1);
  const id = /^id: (\d+)$/m.exec(await heard("hello"))?.[1];
  expect(id).toBeDefined();
  looking.close();

  for (let round = 0; round < 5; round += 1) expect(await connectionsForNotice()).toBe(1);
  expect(await heard("reset", id)).toContain("event: hello");
});
