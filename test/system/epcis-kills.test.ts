import { afterAll, beforeAll, expect, test } from "vitest";
import { documentWith, eventWith } from "../api/resources/epcis/epcis-test.ts";
import { KilledApi } from "../support/killed-api.ts";
import { createDatabase, type TestDatabase } from "../support/postgres.ts";

const KILLS = process.env["LONG"] === "1" ? 50 : 5;
/** Documents of a round, and events of each: enough that a kill meets a capture that is being written. */
const [DOCUMENTS, EVENTS] = [2, 200];
/** Not a limit of what is tested: machines are busy. */
const WAIT = { timeout: 180_000, interval: 20 };

let db: TestDatabase;
let api: KilledApi;
beforeAll(async () => {
  db = await createDatabase();
  // By itself, as `npm run api` starts it: a supervisor would wait for longer after each kill, and there is nothing to take in from devices.
  api = await KilledApi.start({ DATABASE_URL: db.url });
});
afterAll(async () => {
  await api?.close();
  await db?.drop();
});

/** How many captures a process has begun, in all. */
async function begun(): Promise<number> {
  const { rows } = await db.pool.query<{ attempts: number }>(
    "SELECT coalesce(sum(attempts), 0)::int AS attempts FROM epcis_captures",
  );
  return rows[0]!.attempts;
}

test(
  "the API is killed while it captures: each document that was accepted is captured once, all of it",
  { timeout: 60_000 + KILLS * 60_000 },
  async () => {
    const accepted: string[] = [];
    for (let round = 0; round < KILLS; round += 1) {
      const before = await begun();
      for (let sent = 0; sent < DOCUMENTS; sent += 1) {
        const document = documentWith(...Array.from({ length: EVENTS }, () => eventWith()));
        const { status, headers } = await api.ask("POST /epcis/capture", document);
        expect(status).toBe(202);
        accepted.push(headers.get("Location")!);
      }
      // At once, or when a capture has begun, by turns.
      if (round % 2 === 1) await expect.poll(begun, WAIT).toBeGreaterThan(before);
      api.kill();
      await api.ends();
      // Nobody waits for the end of what the killed process had: five seconds at each kill.
      await db.pool.query("UPDATE epcis_captures SET claimed_until = now() WHERE claimed_until > now()");
      api.start();
    }
    for (const location of accepted) {
      const job = async (): Promise<unknown> => (await api.ask(`GET ${location}`)).body;
      await expect.poll(job, WAIT).toMatchObject({ running: false, success: true, added: EVENTS, known: 0 });
    }
    const { rows } = await db.pool.query<{ events: number }>("SELECT count(*)::int AS events FROM epcis_events");
    expect(rows[0]!.events).toBe(KILLS * DOCUMENTS * EVENTS);
  },
);
