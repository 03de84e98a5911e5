import { expect } from "vitest";
import { createPool } from "../../../infra/postgres/pool.ts";
import { transaction } from "../../../ingest/decisions/transactions.ts";
import { loadDeviceRegistry } from "../../../ingest/stores/queries/device-registry.ts";
import { networkTest } from "../../support/database-test.ts";
import { quiet } from "../../support/ingest.ts";

const WAITING = "SELECT FROM pg_locks WHERE relation = 'devices'::regclass AND NOT granted";

const test = networkTest.extend("pool", async ({ throughNetwork }, { onCleanup }) => {
  const pool = createPool(throughNetwork, { max: 1, applicationName: "lent", log: quiet });
  onCleanup(() => pool.end());
  return pool;
});

test("a database that goes while the registry is read ends no process: the read fails, the next one succeeds", async ({
  db,
  network,
  pool,
}) => {
  const uncaught: Error[] = [];
  const note = (error: Error) => uncaught.push(error);
  process.on("uncaughtException", note);
  for (let round = 0; round < 3; round += 1) {
    const holder = await db.pool.connect();
    await holder.query("BEGIN; LOCK TABLE devices IN ACCESS EXCLUSIVE MODE");
    const reading = expect(loadDeviceRegistry(pool)).rejects.toThrow(/terminated|ECONNRESET/);
    // The read waits for the lock.
    await expect.poll(async () => (await holder.query(WAITING)).rowCount).toBe(1);
    network.down();
    await reading;
    await holder.query("ROLLBACK");
    holder.release();
    network.up();
    await expect(loadDeviceRegistry(pool)).resolves.toMatchObject({ version: expect.any(Number) as number });
  }
  process.off("uncaughtException", note);
  expect(uncaught).toEqual([]);
});

test("a connection returns to the pool without the transaction that failed on it", async ({ pool }) => {
  const failing = transaction(pool, async (client) => {
    await client.query("CREATE TEMPORARY TABLE left_over (id int)");
    throw new Error("a rule says no");
  });
  await expect(failing).rejects.toThrow("a rule says no");
  const { rows } = await pool.query("SELECT to_regclass('left_over') AS found, pg_backend_pid() AS pid");
  expect(rows[0].found).toBeNull();
});

test("a transaction in which a statement failed never counts as committed", async ({ pool }) => {
  const swallowing = transaction(pool, (client) => client.query("SELECT 1 / 0").catch(() => undefined));
  await expect(swallowing).rejects.toThrow(/nothing was committed/);
});
