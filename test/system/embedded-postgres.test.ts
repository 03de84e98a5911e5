import { chown, readFile, writeFile } from "node:fs/promises";
import { once } from "node:events";
import { createServer } from "node:net";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { ask, isRunning, postmasterPid, startEmbedded, startSupervisor, temporaryFolder } from "../support/embedded.ts";

const CREATE = "CREATE TABLE kept AS SELECT 7 AS value";
const KEPT = [{ value: 7 }];

describe("embedded Postgres", () => {
  it("starts safe and durable, starts again with its data, and leaves no process behind", async (test) => {
    const dataDir = await temporaryFolder(test);
    const first = await startEmbedded(test, { dataDir });
    const settings = await ask(
      first.url,
      `SELECT current_setting('listen_addresses') AS listens, current_setting('fsync') AS fsync, current_setting('synchronous_commit') AS commit,
              current_setting('max_wal_size') AS wal, current_setting('server_encoding') AS encoding,
              datcollate AS collation
       FROM pg_database WHERE datname = current_database()`,
    );
    expect(settings).toEqual([
      {
        listens: "127.0.0.1",
        fsync: "on",
        commit: "on",
        wal: "1GB",
        encoding: "UTF8",
        collation: "C",
      },
    ]);
    // What only a superuser may ask for stands in the server's own file: line 2 its data directory, line 5 its sockets' folder.
    const folder = join(dataDir, "postgres", "cluster");
    const written = (await readFile(join(folder, "postmaster.pid"), "utf8")).split("\n");
    expect([written[1], written[4]]).toEqual([folder, ""]);
    const role = await ask(
      first.url,
      `SELECT r.rolsuper, r.rolcreaterole, r.rolcreatedb, d.datdba = r.oid AS owns
       FROM pg_roles r, pg_database d WHERE r.rolname = current_user AND d.datname = current_database()`,
    );
    expect(role).toEqual([{ rolsuper: false, rolcreaterole: false, rolcreatedb: false, owns: true }]);
    await expect(ask(first.url, "SELECT pg_read_file('/etc/passwd')")).rejects.toThrow(/permission denied/);
    const stranger = new URL(first.url);
    stranger.password = "guessed";
    await expect(ask(stranger.href, "SELECT 1")).rejects.toThrow(/password authentication failed/);
    await ask(first.url, CREATE);
    const pid = await postmasterPid(join(dataDir, "postgres"));
    await first.close();
    expect(await isRunning(pid)).toBe(false);

    const second = await startEmbedded(test, { dataDir });
    expect(second.adopted).toBe(false);
    expect(second.url).toBe(first.url);
    expect(await ask(second.url, "SELECT value FROM kept")).toEqual(KEPT);
  });

  it("takes another port when somebody has its own", async (test) => {
    const dataDir = await temporaryFolder(test);
    const first = await startEmbedded(test, { dataDir });
    await first.close();
    const squatter = createServer().listen(first.port, "127.0.0.1");
    await once(squatter, "listening");
    test.onTestFinished(() => void squatter.close());
    const second = await startEmbedded(test, { dataDir });
    expect(second.port).not.toBe(first.port);
    expect(await ask(second.url, "SELECT 1 AS one")).toEqual([{ one: 1 }]);
  });

  it("belongs to every supervisor that adopted it: the last one stops it", async (test) => {
    const dataDir = await temporaryFolder(test);
    const first = await startEmbedded(test, { dataDir });
    const second = await startEmbedded(test, { dataDir });
    expect(second).toMatchObject({ adopted: true, url: first.url });
    const pid = await postmasterPid(join(dataDir, "postgres"));
    await first.close();
    expect(await ask(second.url, "SELECT 1 AS one")).toEqual([{ one: 1 }]);
    await second.close();
    expect(await isRunning(pid)).toBe(false);
  });

  it.runIf(process.getuid?.() === 0)("is not fooled by a pid file that names a living stranger", async (test) => {
    const dataDir = await temporaryFolder(test);
    const first = await startEmbedded(test, { dataDir });
    await first.close();
    const folder = join(dataDir, "postgres", "cluster");
    const stale = [process.pid, folder, 1, 1, "", "127.0.0.1", "", "ready"].join("\n");
    await writeFile(join(folder, "postmaster.pid"), `${stale}\n`, { mode: 0o600 });
    await chown(join(folder, "postmaster.pid"), 65534, 65534);
    const second = await startEmbedded(test, { dataDir });
    expect(await ask(second.url, "SELECT 1 AS one")).toEqual([{ one: 1 }]);
  });

  it("refuses the cluster of another major version", async (test) => {
    const dataDir = await temporaryFolder(test);
    const first = await startEmbedded(test, { dataDir });
    await first.close();
    await writeFile(join(dataDir, "postgres", "cluster", "PG_VERSION"), "17\n");
    await expect(startEmbedded(test, { dataDir })).rejects.toThrow(
      /made by PostgreSQL 17, the embedded server is 18: make a backup/,
    );
  });

  it("is made once when two start at the same moment", async (test) => {
    const dataDir = await temporaryFolder(test);
    const [first, second] = await Promise.all([startSupervisor(test, dataDir), startSupervisor(test, dataDir)]);
    expect(first.url).toBe(second.url);
    for (const { process, ended } of [first, second]) {
      process.kill("SIGTERM");
      expect(await ended).toEqual([0, null]);
    }
  });

  it("says at once why the server refuses to start, and leaves nothing running", async (test) => {
    const dataDir = await temporaryFolder(test);
    // The first start makes the cluster, which takes as long as the disk does.
    await (await startEmbedded(test, { dataDir })).close();
    const beganAt = performance.now();
    const settings = { shared_buffers: "plenty" };
    await expect(startEmbedded(test, { dataDir, settings })).rejects.toThrow(/invalid value.*shared_buffers.*plenty/s);
    expect(performance.now() - beganAt).toBeLessThan(5000);
    await expect(postmasterPid(join(dataDir, "postgres"))).rejects.toThrow(/ENOENT/);
  });
});
