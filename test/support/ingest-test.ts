import { test } from "vitest";
import { startApi } from "../api/support.ts";
import { databaseTest } from "./database-test.ts";
import { type IngestRig, startIngestRig } from "./ingest.ts";
import { worldIn } from "./world.ts";

let serial = 0;

/** For names that no other test of the file uses: another number for each test. */
const nextNumber = () => (serial += 1);

/** Tests of an ingest on a database of its own; both start with the first test of a file and end after its last. */
export const ingestTest = databaseTest
  .extend("n", nextNumber)
  .extend("rig", { scope: "file" }, async ({ db }, { onCleanup }) => {
    const rig = await startIngestRig(db.pool);
    onCleanup(() => rig.close());
    return rig;
  })
  .extend("world", { scope: "file" }, ({ db }) => worldIn(db.pool));

/** The same with the API on that database, and a caller of each role that tests use. */
export const ingestApiTest = test
  .extend("n", nextNumber)
  // oxlint-disable-next-line eslint/no-empty-pattern -- vitest reads from the pattern which fixtures are needed
  .extend("api", { scope: "file" }, async ({}, { onCleanup }) => {
    const api = await startApi();
    onCleanup(() => api.close());
    return api;
  })
  .extend("rig", { scope: "file" }, async ({ api }, { onCleanup }) => {
    const rig = await startIngestRig(api.db.pool);
    onCleanup(() => rig.close());
    return rig;
  })
  .extend("world", { scope: "file" }, ({ api }) => worldIn(api.db.pool))
  .extend("manager", { scope: "file" }, ({ api }) => api.as("manager"))
  .extend("operator", { scope: "file" }, ({ api }) => api.as("operator"))
  .extend("viewer", { scope: "file" }, ({ api }) => api.as("viewer"));

/** Resolves when a worker has finished two ticks: what it found before, and did not do, it will not do. */
export async function twoTicks(rig: IngestRig, worker: keyof ReturnType<IngestRig["ingest"]["ticks"]>): Promise<void> {
  const goal = rig.ingest.ticks()[worker] + 2;
  while (rig.ingest.ticks()[worker] < goal) await new Promise((resolve) => setTimeout(resolve, 5));
}
