import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type pg from "pg";
import { pino } from "pino";
import type { JournalWriter } from "../../broker/journal/journal.ts";
import { openJournalReader } from "../../broker/journal/segment-reader.ts";
import { openJournalWriter } from "../../broker/journal/segment-writer.ts";
import { type Ingest, startIngest } from "../../ingest/start.ts";
import { createListener } from "../../infra/postgres/listener.ts";
import type { InfluxClient } from "../../ingest/stores/influx/influx-client.ts";

export const quiet = pino({ level: process.env.TEST_LOG ?? "silent" });

/** A journal and the ingest that follows it, in this process. */
export interface IngestRig {
  ingest: Ingest;
  journal: JournalWriter;
  /** appends one message to the journal as the broker would; resolves when it is on disk */
  publish(topic: string, payload: unknown, receivedAt?: number): Promise<void>;
  /** resolves when every consumer has caught up */
  settled(): Promise<void>;
  /** stops ingest and starts it again on the same journal */
  restart(): Promise<void>;
  /** stops ingest and the writer of the journal, runs `work` on the journal's files, and starts both again */
  whileStopped(work: (journalDirectory: string) => Promise<unknown>): Promise<void>;
  close(): Promise<void>;
}

export async function startIngestRig(pool: pg.Pool, influx?: InfluxClient): Promise<IngestRig> {
  const directory = await mkdtemp(join(tmpdir(), "waystock-ingest-"));
  const journalDirectory = join(directory, "journal");
  const openJournal = () => openJournalWriter({ directory: journalDirectory, maxBytes: 256 * 1024 * 1024, log: quiet });
  const listener = createListener(pool, quiet);
  const start = () =>
    startIngest({
      pool,
      listener,
      openJournal: () => openJournalReader({ directory: journalDirectory, log: quiet }),
      influx,
      seriesCursorPath: join(directory, "series-cursor.json"),
      retentionRawDays: 30,
      retentionRollupDays: 1825,
      records: { quarantineDays: 30, auditDays: 730 },
      log: quiet,
    });
  const journal = await openJournal();
  const rig: IngestRig = {
    journal,
    ingest: await start(),
    publish(topic, payload, receivedAt = Date.now()) {
      const bytes = Buffer.isBuffer(payload) ? payload : Buffer.from(JSON.stringify(payload));
      const clientId = topic.split("/")[1] ?? "";
      return new Promise((resolve, reject) => {
        rig.journal.append({ receivedAt, clientId, topic, payload: bytes }, (error) =>
          error ? reject(error) : resolve(),
        );
      });
    },
    async settled() {
      for (let quietRounds = 0; quietRounds < 3;) {
        const { state, series, late, due, alerts } = await rig.ingest.status();
        const lastError =
          state.lastError ??
          series?.lastError ??
          late.lastError ??
          due.lastError ??
          alerts.lastError ??
          alerts.failing[0];
        if (lastError !== undefined) throw new Error(`a worker of ingest failed: ${lastError}`);
        const waiting = state.lagBytes + (series?.lagBytes ?? 0) + (await rig.ingest.lateWindows());
        quietRounds = waiting === 0 ? quietRounds + 1 : 0;
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
    },
    async restart() {
      await rig.ingest.close();
      rig.ingest = await start();
    },
    async whileStopped(work) {
      await rig.ingest.close();
      await rig.journal.close();
      await work(journalDirectory);
      rig.journal = await openJournal();
      rig.ingest = await start();
    },
    async close() {
      await rig.ingest.close();
      await listener.close();
      await rig.journal.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
  return rig;
}
