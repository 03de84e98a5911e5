import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { setPriority, tmpdir } from "node:os";
import { join } from "node:path";
import type pg from "pg";
import { test } from "vitest";
import type { JournalMessage } from "../../broker/journal/journal.ts";
import { addDevice, readJournal } from "../broker/platform.ts";
import { startBystander } from "./bystander.ts";
import { Launched } from "./launched.ts";
import { createDatabase } from "./postgres.ts";

/** The broker as it is in use, in a process of its own: the load that a test makes does not slow it otherwise. */
export interface BrokerProcess {
  launched: Launched;
  port: number;
  pool: pg.Pool;
  /** everything in the journal so far */
  journalled(): Promise<JournalMessage[]>;
}

/** a nice value */
const PREFERENCE = -15;

/**
 * Gives a process the processor before the other work of the machine, which is not the broker's fault. Only root may, on
 * Linux; elsewhere the limits hold on a quiet machine.
 */
async function prefer(pid: number): Promise<void> {
  if (process.getuid?.() !== 0) return;
  for (const thread of await readdir(`/proc/${pid}/task`)) setPriority(Number(thread), PREFERENCE);
  // Kernels with autogroup share the processor among sessions first; not every kernel has it.
  await writeFile(`/proc/${pid}/autogroup`, String(PREFERENCE)).catch(() => undefined);
}

/**
 * Tests of a broker process, which runs from the first test of a file to the last; `bystander` is a device that publishes
 * meanwhile.
 * @param prepare fills the database before the broker starts
 */
export function brokerProcessTest(
  environment: Record<string, string> = {},
  prepare: (pool: pg.Pool) => Promise<unknown> = () => Promise.resolve(),
) {
  return (
    test
      // oxlint-disable-next-line eslint/no-empty-pattern -- vitest reads from the pattern which fixtures are needed
      .extend("database", { scope: "file" }, async ({}, { onCleanup }) => {
        const database = await createDatabase();
        onCleanup(() => database.drop());
        await prepare(database.pool);
        return database;
      })
      .extend("broker", { scope: "file" }, async ({ database }, { onCleanup }): Promise<BrokerProcess> => {
        const folder = await mkdtemp(join(tmpdir(), "waystock-broker-process-"));
        const listeners = { MQTT_PORT: "0", MQTT_WS_PORT: "" };
        const launched = new Launched("broker", {
          DATA_DIR: folder,
          DATABASE_URL: database.url,
          ...listeners,
          ...environment,
        });
        onCleanup(async () => {
          if (!launched.hasEnded) process.kill(launched.pid, "SIGTERM");
          await launched.ends();
          await rm(folder, { recursive: true, force: true });
        });
        const port = Number((await launched.says(/"port":(\d+)[^}]*MQTT listens/))[1]);
        await prefer(launched.pid);
        return { launched, port, pool: database.pool, journalled: () => readJournal(join(folder, "journal")) };
      })
      .extend("bystander", { scope: "file" }, async ({ broker }, { onCleanup }) => {
        // No limit of its own rate.
        const bystander = await startBystander(broker.port, await addDevice(broker.pool, "bystander", 0));
        onCleanup(() => bystander.kill());
        await prefer(bystander.pid);
        return bystander;
      })
  );
}
