import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Mutex } from "async-mutex";
import { expect } from "vitest";
import { openJournalReader } from "../../../broker/journal/segment-reader.ts";
import { openJournalWriter } from "../../../broker/journal/segment-writer.ts";
import { openBatchCache } from "../../../ingest/pipeline/batch-cache.ts";
import { openDeviceRegistry } from "../../../ingest/stores/caches/device-registry.ts";
import { openDeviceStates } from "../../../ingest/stores/caches/device-states.ts";
import { cursorFile } from "../../../ingest/workers/cursor-file.ts";
import { startSeriesRejects } from "../../../ingest/workers/series-rejects.ts";
import { startSeriesWorker } from "../../../ingest/workers/series-worker.ts";
import { quiet } from "../../support/ingest.ts";
import { databaseTest } from "../../support/database-test.ts";
import { worldIn } from "../../support/world.ts";

const T = Date.parse("2026-03-01T08:00:00Z");

const test = databaseTest
  // oxlint-disable-next-line eslint/no-empty-pattern -- vitest reads from the pattern which fixtures are needed
  .extend("directory", async ({}, { onCleanup }) => {
    const directory = await mkdtemp(join(tmpdir(), "waystock-series-cursor-"));
    onCleanup(() => rm(directory, { recursive: true }));
    return directory;
  })
  .extend("rig", async ({ db, directory }) => {
    const { pool } = db;
    const device = await worldIn(pool).device(`probe-${directory.slice(-6)}`, "env");
    const journalDirectory = join(directory, "journal");
    const seriesCursorPath = join(directory, "cursor");
    let n = 0;
    /** what the series store was given, in order */
    const written: number[] = [];
    return {
      journalDirectory,
      seriesCursorPath,
      written,
      /** appends messages to a new segment of the journal */
      async publish(count: number) {
        const writer = await openJournalWriter({ directory: journalDirectory, maxBytes: 1e8, log: quiet });
        for (let i = 0; i < count; i += 1) {
          n += 1;
          const payload = Buffer.from(JSON.stringify({ ts: T + n * 1000, celsius: n }));
          const published = { receivedAt: Date.now(), clientId: device, topic: `devices/${device}/env`, payload };
          await new Promise<void>((resolve, reject) =>
            writer.append(published, (error) => (error ? reject(error) : resolve())),
          );
        }
        await writer.close();
        return writer.id;
      },
      /** runs the series worker until it has read the whole journal */
      async run() {
        const journal = await openJournalReader({ directory: journalDirectory, log: quiet });
        const registry = await openDeviceRegistry(pool);
        const rejects = await startSeriesRejects({
          stores: { pool, mutex: new Mutex(), deviceStates: openDeviceStates(pool), log: quiet },
          path: `${seriesCursorPath}.refused`,
          seriesCursorPath,
          journalId: journal.id,
          stateCursor: () => ({ segment: 0, offset: 0 }),
        });
        const series = {
          async write(readings: readonly { content: object }[]) {
            for (const { content } of readings) written.push((content as { celsius: number }).celsius);
            return [];
          },
        };
        const worker = await startSeriesWorker({
          journal,
          registry,
          series,
          cursorFile: cursorFile(seriesCursorPath, quiet),
          rejects,
          batchCache: openBatchCache(),
          log: quiet,
        });
        await expect.poll(() => journal.lag(worker.cursor())).toBe(0);
        await worker.close();
        const after = rejects.ticks() + 1;
        await expect.poll(() => rejects.ticks()).toBeGreaterThan(after);
        await rejects.close();
        await registry.close();
        await journal.close();
      },
    };
  });

test("a damaged cursor file stops no start: it is set aside, and the series is written again from the oldest frame", async ({
  rig,
}) => {
  await rig.publish(2);
  await rig.run();
  expect(rig.written).toEqual([1, 2]);
  for (const damage of ["", '{"journalId":"', '{"journalId":"x","segment":"1"}']) {
    await writeFile(rig.seriesCursorPath, damage);
    rig.written.length = 0;
    await rig.run();
    expect(rig.written).toEqual([1, 2]);
    expect(await readFile(`${rig.seriesCursorPath}.damaged`, "utf8")).toBe(damage);
  }
});

test("frames that the journal lost before the series worker read them are recorded, once", async ({ rig, db }) => {
  await rig.publish(1);
  await rig.run();
  await rig.publish(2);
  await rig.publish(1);
  await rig.publish(1);
  await rig.publish(1);
  const [, second, , fourth] = (await readdir(rig.journalDirectory))
    .filter((name) => name.endsWith(".segment"))
    .toSorted();
  for (const lost of [second, fourth]) await rm(join(rig.journalDirectory, lost!));
  const journalId = await rig.publish(1);
  await rig.run();
  await rig.run();
  expect(rig.written).toEqual([1, 4, 6, 7]);
  const { rows } = await db.pool.query<{ detail: object }>(
    "SELECT detail FROM audit WHERE subject = $1 AND action = 'journal.skipped' ORDER BY id",
    [journalId],
  );
  expect(rows.map(({ detail }) => detail)).toEqual([
    { from_frame: 2, to_frame: 3, consumer: "series" },
    { from_frame: 5, to_frame: 5, consumer: "series" },
  ]);
});
