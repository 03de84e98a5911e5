import type { Pool, QueryConfig } from "pg";
import { expect, test } from "vitest";
import { READING_KIND_NAMES } from "../../../ingest/domain/reading-kinds.ts";
import type { Reading } from "../../../ingest/pipeline/reading.ts";
import { runWrites } from "../../../ingest/stores/statement.ts";
import { StatementNames } from "../../../ingest/stores/statement-names.ts";
import { WRITE_ORDER } from "../../../ingest/stores/write-order.ts";
import { notifyChanges } from "../../../ingest/stores/writes/change-notice.ts";
import { writeReadings } from "../../../ingest/stores/writes/readings.ts";
import { createDatabase } from "../../support/postgres.ts";

/** Keeps what would be sent. */
function recordingPool(sent: QueryConfig[]): Pool {
  const query = (config: QueryConfig) => {
    sent.push(config);
    return Promise.resolve({ rows: [] });
  };
  return { query } as unknown as Pool;
}

test("the same writes in any order are one statement, prepared under one name", async () => {
  const sent: QueryConfig[] = [];
  const pool = recordingPool(sent);
  const names = new StatementNames("writes");
  const writes = [...READING_KIND_NAMES.map((kind) => writeReadings(kind, [] as Reading[])), notifyChanges({})];
  for (let round = 0; round < 20; round += 1) {
    writes.push(writes.shift()!);
    if (round % 2 === 1) writes.reverse();
    await runWrites(pool, writes, names);
  }
  expect(new Set(sent.map(({ text }) => text)).size).toBe(1);
  expect(new Set(sent.slice(2).map(({ name }) => name))).toEqual(new Set([expect.stringMatching(/^writes_\d+$/)]));
});

test("however many statements there are, at most 64 are prepared, and what comes again is among them", () => {
  const names = new StatementNames("test");
  const given = new Set<string>();
  for (let n = 0; n < 100_000; n += 1) {
    for (const text of [`rare ${n}`, `often ${n % 10}`]) {
      const name = names.nameOf(text);
      if (name !== undefined) given.add(name);
    }
  }
  expect(given.size).toBe(10);
  for (let n = 0; n < 1_000; n += 1) for (let use = 0; use < 5; use += 1) given.add(names.nameOf(`new ${n}`) ?? "");
  given.delete("");
  expect(given.size).toBe(64);
  expect(names.nameOf("often 3")).toBeDefined();
});

test("no write hides a table from those after it", async () => {
  const db = await createDatabase();
  const { rows } = await db.pool.query<{ relname: string }>("SELECT relname FROM pg_class");
  await db.drop();
  const tables = new Set(rows.map(({ relname }) => relname));
  expect(WRITE_ORDER.filter((name) => tables.has(name))).toEqual([]);
});
