// A program that supervises an embedded Postgres, for tests that kill it: `embedded-supervisor.ts DATA_DIR`.
// Prints {url, adopted} when the server is ready. On SIGINT it first asks the server something, as a supervisor that
// drains would, and prints {answer}; then, as on SIGTERM, it closes and ends.
import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import { pino } from "pino";
import { startEmbeddedPostgres } from "../../infra/postgres/embedded/embedded-postgres.ts";

const [dataDir] = process.argv.slice(2);
if (dataDir === undefined) throw new Error("usage: embedded-supervisor.ts DATA_DIR");
const server = await startEmbeddedPostgres({ dataDir, log: pino({ level: "warn" }, pino.destination(2)) });
const client = new pg.Client(server.url);
await client.connect();
const staysAlive = setInterval(() => undefined, 60_000);

async function end(): Promise<void> {
  clearInterval(staysAlive);
  await client.end();
  await server.close();
}

process.once("SIGTERM", () => void end());
process.once("SIGINT", () => {
  void sleep(500)
    .then(() => client.query<{ answer: number }>("SELECT 42 AS answer"))
    .then(({ rows }) => console.log(JSON.stringify(rows[0])))
    .then(end);
});
console.log(JSON.stringify({ url: server.url, adopted: server.adopted }));
