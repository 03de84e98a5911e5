import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { pino } from "pino";
import { migrate } from "../../infra/postgres/migrate.ts";
import { createPool } from "../../infra/postgres/pool.ts";
import { waitForPostgres } from "../../infra/postgres/wait-for-postgres.ts";
import { createDatabase, type TestDatabase } from "../support/postgres.ts";

const log = pino({ level: "silent" });
let db: TestDatabase;
beforeAll(async () => {
  db = await createDatabase();
});
afterAll(() => db.drop());

describe("pool", () => {
  it("reads int8 and int8[] as numbers, timestamptz as Date, in UTC", async () => {
    const { rows } = await db.pool.query(
      `SELECT 9007199254740991::int8 AS big, ARRAY[1, NULL, 3]::int8[] AS list, ARRAY[]::int8[] AS none,
              '2026-01-02T03:04:05.678Z'::timestamptz AS at, current_setting('TimeZone') AS zone, 1.50::numeric AS exact`,
    );
    expect(rows).toEqual([
      {
        big: Number.MAX_SAFE_INTEGER,
        list: [1, null, 3],
        none: [],
        at: new Date("2026-01-02T03:04:05.678Z"),
        zone: "UTC",
        exact: "1.50",
      },
    ]);
  });

  it("refuses an int8 that a number cannot hold, and stays usable", async () => {
    await expect(db.pool.query("SELECT 9007199254740993::int8")).rejects.toThrow(RangeError);
    await expect(db.pool.query("SELECT 1")).resolves.toBeDefined();
  });

  it("survives the loss of an idle connection", async () => {
    const pool = createPool(db.url, { max: 1, applicationName: "to be cut", log });
    await pool.query("SELECT 1");
    await db.pool.query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'to be cut'");
    await expect.poll(() => pool.totalCount).toBe(0);
    await expect(pool.query("SELECT 2 AS two")).resolves.toMatchObject({ rows: [{ two: 2 }] });
    await pool.end();
  });
});

describe("migrate", () => {
  it("has nothing to do on a database that is up to date, from two processes at once", async () => {
    await expect(Promise.all([migrate(db.url, log), migrate(db.url, log)])).resolves.toEqual([[], []]);
    const { rows } = await db.pool.query<{ name: string }>("SELECT name FROM migrations ORDER BY name");
    expect(rows.length).toBeGreaterThanOrEqual(6);
    expect(rows[0]?.name).toBe("0001_people");
  });
});

describe("waitForPostgres", () => {
  it("resolves when the database answers", async () => {
    await expect(waitForPostgres(db.pool, { seconds: 1, log })).resolves.toBeUndefined();
  });

  it("gives up at once when waiting cannot help", async () => {
    const url = new URL(db.url);
    url.password = "wrong";
    const pool = createPool(url.href, { max: 1, applicationName: "stranger" });
    const beganAt = performance.now();
    await expect(waitForPostgres(pool, { seconds: 10, log })).rejects.toThrow(/password authentication failed/);
    expect(performance.now() - beganAt).toBeLessThan(2000);
    await pool.end();
  });

  it("gives up after the time allowed, naming the cause", async () => {
    const pool = createPool("postgres://nobody@127.0.0.1:1/none", { max: 1, applicationName: "early bird" });
    await expect(waitForPostgres(pool, { seconds: 0.5, log })).rejects.toThrow(/within 0.5 s.*ECONNREFUSED/);
    await pool.end();
  });
});
