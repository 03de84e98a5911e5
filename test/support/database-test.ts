import { test } from "vitest";
import { createDatabase } from "./postgres.ts";
import { startTcpProxy } from "./tcp-proxy.ts";

/** Tests on a database of their file, made with its first test and dropped after its last. */
export const databaseTest = test
  // oxlint-disable-next-line eslint/no-empty-pattern -- vitest reads from the pattern which fixtures are needed
  .extend("db", { scope: "file" }, async ({}, { onCleanup }) => {
    const db = await createDatabase();
    onCleanup(() => db.drop());
    return db;
  });

/** The same with a network in front of the database that can fail, for each test, and the database's URL through it. */
export const networkTest = databaseTest
  .extend("network", async ({ db }, { onCleanup }) => {
    const network = await startTcpProxy({ host: "127.0.0.1", port: Number(new URL(db.url).port) });
    onCleanup(() => network.close());
    return network;
  })
  .extend("throughNetwork", ({ db, network }) => {
    const url = new URL(db.url);
    url.hostname = "127.0.0.1";
    url.port = String(network.port);
    return url.href;
  });
