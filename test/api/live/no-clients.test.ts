import { pino } from "pino";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type LiveFeed, openLiveFeed } from "../../../api/live/feed.ts";
import { createDatabase, type TestDatabase } from "../../support/postgres.ts";

let db: TestDatabase;
let feed: LiveFeed;
let acquired = 0;

beforeAll(async () => {
  db = await createDatabase();
  db.pool.on("acquire", () => (acquired += 1));
  feed = openLiveFeed({ pool: db.pool, listener: db.listener, log: pino({ level: "silent" }), retentionMs: 0 });
});
afterAll(async () => {
  await feed.close();
  await db.drop();
});

/** Connections acquired for one change: one for the notice itself, and those of the feed's queries. */
async function connectionsForNotice(): Promise<number> {
  const before = acquired;
  await db.pool.query(`SELECT pg_notify('changes', '{"shipments":[1]}')`);
  await new Promise((resolve) => setTimeout(resolve, 200));
  return acquired - before;
}

/** Connects a client and reads its stream up to `event`. */
async function readUntil(event: string, lastEventId?: string): Promise<string> {
  const client = feed.connect(new Set(["shipments"] as const), lastEventId);
  const reader = client.stream.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  while (!text.includes(`event: ${event}\n`)) text += (await reader.read()).value ?? "";
  await reader.cancel();
  return text;
}

test("without clients the feed does not query, and a client with an old event id is told to read everything again", async () => {
  // With a client the feed listens and reads what is notified.
  const connected = feed.connect(new Set(["shipments"] as const), undefined);
  await expect.poll(connectionsForNotice).toBeGreaterThan(1);
  const id = /^id: (\d+)$/m.exec(await readUntil("hello"))?.[1];
  expect(id).toBeDefined();
  connected.close();

  // What was notified while there was a client may still be read, up to a second later.
  const rounds: number[] = [];
  await expect
    .poll(async () => rounds.push(await connectionsForNotice()) && rounds.slice(-8), { interval: 0 })
    .toEqual(Array.from({ length: 8 }, () => 1));
  expect(await readUntil("reset", id)).toContain("event: hello");
});
