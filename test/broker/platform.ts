import { createHash, randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Pool } from "pg";
import { pino } from "pino";
import type { JournalMessage, JournalWriter } from "../../broker/journal/journal.ts";
import { openJournalReader } from "../../broker/journal/segment-reader.ts";
import { openJournalWriter } from "../../broker/journal/segment-writer.ts";
import { type RunningBroker, startBroker } from "../../broker/server.ts";
import type { PostgresListener } from "../../broker/postgres/listener.ts";
import { type BrokerSettings, DEFAULT_BROKER_SETTINGS } from "../../broker/settings.ts";
import { createDatabase, type TestDatabase } from "../support/postgres.ts";
import { createRefusalLimit } from "../../infra/runtime/refusal-limit.ts";
import { addressBlock } from "../../infra/runtime/client-address.ts";
import { createAttemptCounter } from "../../infra/runtime/attempt-counter.ts";
import { maskSecrets } from "../../infra/runtime/mask-secrets.ts";
import { createTokenBucket } from "../../infra/runtime/token-bucket.ts";

export const log = pino({ level: process.env.TEST_LOG ?? "silent" });

/** A real broker over a real journal and database, on a free port of loopback. */
export interface TestPlatform {
  broker: RunningBroker;
  port: number;
  pool: Pool;
  listener: PostgresListener;
  databaseUrl: string;
  journal: JournalWriter;
  dataDir: string;
  /** everything in the journal so far */
  journalled(): Promise<JournalMessage[]>;
  close(): Promise<void>;
}

/**
 * @param wrap puts a journal of the test's making in front of the real one
 * @param given a database that the test drops itself
 */
export async function startPlatform(
  settings: Partial<BrokerSettings> = {},
  wrap: (journal: JournalWriter) => JournalWriter = (journal) => journal,
  brokerLog = log,
  given?: TestDatabase,
): Promise<TestPlatform> {
  const database = given ?? (await createDatabase());
  const dataDir = await mkdtemp(join(tmpdir(), "waystock-broker-"));
  const directory = join(dataDir, "journal");
  const journal = await openJournalWriter({ directory, maxBytes: 1024 ** 3, log });
  const broker = await startBroker({
    pool: database.pool,
    listener: database.listener,
    createTokenBucket,
    createAttemptCounter,
    createRefusalLimit,
    addressBlock,
    journal: wrap(journal),
    log: brokerLog,
    maskSecrets,
    settings: { ...DEFAULT_BROKER_SETTINGS, mqtt: { host: "127.0.0.1", port: 0 }, dataDir, ...settings },
  });
  return {
    broker,
    port: broker.port!,
    pool: database.pool,
    listener: database.listener,
    databaseUrl: database.url,
    journal,
    dataDir,
    journalled: () => readJournal(directory),
    async close() {
      await broker.close();
      await journal.close();
      if (!given) await database.drop();
      await rm(dataDir, { recursive: true });
    },
  };
}

/** Everything in a journal so far. */
export async function readJournal(directory: string): Promise<JournalMessage[]> {
  const reader = await openJournalReader({ directory, log });
  try {
    const messages: JournalMessage[] = [];
    let at = await reader.oldest();
    for (;;) {
      const frames = await reader.read(at, 64 * 1024 * 1024);
      if (frames.length === 0) return messages;
      for (const frame of frames) messages.push(...frame.messages);
      at = frames.at(-1)!.next;
    }
  } finally {
    await reader.close();
  }
}

export const sha256 = (secret: string): Buffer => createHash("sha256").update(secret).digest();

/** Registers a device, whole before a broker can have seen it; returns its secret. */
export async function addDevice(
  pool: Pool,
  id: string,
  rateLimit: number | null = null,
  decoder = "native",
): Promise<string> {
  const secret = randomBytes(32).toString("base64url");
  await pool.query("INSERT INTO devices (id, kind, decoder, rate_limit) VALUES ($1, 'gps', $2, $3)", [
    id,
    decoder,
    rateLimit,
  ]);
  await pool.query("INSERT INTO device_credentials (device_id, secret_sha256) VALUES ($1, $2)", [id, sha256(secret)]);
  return secret;
}

/** Adds a service account with these filters; returns its secret. */
export async function addAccount(
  pool: Pool,
  id: string,
  filters: { publish: string[]; subscribe: string[] },
): Promise<string> {
  const secret = randomBytes(32).toString("base64url");
  await pool.query("INSERT INTO service_accounts (id, secret_sha256, filters) VALUES ($1, $2, $3)", [
    id,
    sha256(secret),
    filters,
  ]);
  return secret;
}

/** Tries again until `attempt` gives something true. */
export async function eventually<T>(
  attempt: () => T | Promise<T>,
  withinMs = 10_000,
): Promise<Exclude<T, undefined | false>> {
  const until = Date.now() + withinMs;
  for (;;) {
    const result = await attempt();
    if (result) return result as Exclude<T, undefined | false>;
    if (Date.now() > until) throw new Error(`not within ${withinMs} ms`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
