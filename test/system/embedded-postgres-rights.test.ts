import { chmod, cp, lstat, mkdir, readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it, type TestContext } from "vitest";
import { findPackage } from "../../infra/postgres/embedded/binaries.ts";
import { requires } from "../support/requires.ts";
import { ask, postmasterPid, startEmbedded, startSupervisor, temporaryFolder } from "../support/embedded.ts";

const isRoot = process.getuid?.() === 0;

/** The installed package without the links that its install script makes, as `npm ci --ignore-scripts` leaves it. */
async function packageWithoutLinks(folder: string): Promise<string> {
  const copy = join(folder, "package");
  await cp(findPackage(), copy, { recursive: true, filter: async (path) => !(await lstat(path)).isSymbolicLink() });
  return copy;
}

async function expectAnswer(url: string): Promise<void> {
  expect(await ask(url, "SELECT 1 AS one")).toEqual([{ one: 1 }]);
}

describe.concurrent("binaries", () => {
  it("are healed when npm ran no install scripts", async (test) => {
    const folder = await temporaryFolder(test);
    const packageFolder = await packageWithoutLinks(folder);
    const libraries = (await readdir(join(packageFolder, "native/lib"))).length;
    const server = await startEmbedded(test, { dataDir: join(folder, "data"), packageFolder });
    await expectAnswer(server.url);
    expect((await readdir(join(packageFolder, "native/lib"))).length).toBeGreaterThan(libraries);
  });

  it.runIf(isRoot)("are copied when the server's user may not enter their folder", async (test) => {
    const folder = await temporaryFolder(test);
    await mkdir(join(folder, "closed"));
    const packageFolder = await packageWithoutLinks(join(folder, "closed"));
    await chmod(join(folder, "closed"), 0o700);
    const dataDir = join(folder, "data");
    const server = await startEmbedded(test, { dataDir, packageFolder });
    await expectAnswer(server.url);
    expect(await readdir(join(dataDir, "postgres"))).toContainEqual(expect.stringMatching(/^package-\d/));
  });

  it("that do not exist for a platform are said to be missing, with the cure", () => {
    expect(() => findPackage("freebsd", "x64")).toThrow(/no embedded PostgreSQL for freebsd x64.*DATABASE_URL/);
  });
});

describe.runIf(isRoot)("as root", { concurrent: true }, () => {
  it("runs the server as nobody and keeps the password to the server and itself", async (test) => {
    const dataDir = join(await temporaryFolder(test), "data");
    const server = await startEmbedded(test, { dataDir });
    await expectAnswer(server.url);
    const place = join(dataDir, "postgres");
    const pid = await postmasterPid(place);
    expect(await readFile(`/proc/${pid}/status`, "utf8")).toMatch(/^Uid:\t65534\t65534/m);
    expect((await stat(join(place, "cluster"))).mode & 0o777).toBe(0o700);
    expect((await stat(join(place, "cluster/waystock-password"))).mode & 0o777).toBe(0o600);
  });

  it("opens DATA_DIR for the server, but no further than passing through", async (test) => {
    const dataDir = join(await temporaryFolder(test), "data");
    await mkdir(dataDir, { mode: 0o700 });
    await expectAnswer((await startEmbedded(test, { dataDir })).url);
    expect((await stat(dataDir)).mode & 0o777).toBe(0o711);
  });

  async function closedHome(test: TestContext): Promise<{ home: string; stateFolder: string; dataDir: string }> {
    const folder = await temporaryFolder(test);
    const home = join(folder, "home");
    const stateFolder = join(folder, "state");
    await mkdir(home, { mode: 0o700 });
    await mkdir(stateFolder);
    return { home, stateFolder, dataDir: join(home, "clone/data") };
  }

  it("moves the database to the state folder when a folder above DATA_DIR is closed, and finds it again", async (test) => {
    const { stateFolder, dataDir } = await closedHome(test);
    const first = await startEmbedded(test, { dataDir, stateFolder });
    await ask(first.url, "CREATE TABLE kept AS SELECT 7 AS value");
    await first.close();
    expect(await readdir(stateFolder)).toEqual([expect.stringMatching(/^waystock-/)]);
    const second = await startEmbedded(test, { dataDir, stateFolder });
    expect(await ask(second.url, "SELECT value FROM kept")).toEqual([{ value: 7 }]);
    expect(await readdir(stateFolder)).toHaveLength(1);
  });

  it("says how to reach a database whose folder was closed later, rather than start an empty one", async (test) => {
    const { home, stateFolder, dataDir } = await closedHome(test);
    await chmod(home, 0o711);
    await (await startEmbedded(test, { dataDir, stateFolder })).close();
    await chmod(home, 0o700);
    await expect(startEmbedded(test, { dataDir, stateFolder })).rejects.toThrow(`chmod o+x ${home}`);
    expect(await readdir(stateFolder)).toEqual([]);
  });
});

describe.runIf(isRoot && requires("setpriv") !== undefined)("as an ordinary user", () => {
  it.for(["C", "tr_TR.UTF-8"])("with LANG=%s, runs the server as that user, in UTF-8", async (lang, test) => {
    const dataDir = await temporaryFolder(test);
    await chmod(dataDir, 0o777);
    const supervisor = await startSupervisor(test, dataDir, {
      prefix: ["setpriv", "--reuid=1", "--regid=1", "--clear-groups"],
      environment: { LANG: lang, LC_ALL: lang },
    });
    expect(await ask(supervisor.url, "SELECT current_setting('server_encoding') AS encoding")).toEqual([
      { encoding: "UTF8" },
    ]);
    const pid = await postmasterPid(join(dataDir, "postgres"));
    expect(await readFile(`/proc/${pid}/status`, "utf8")).toMatch(/^Uid:\t1\t1/m);
    supervisor.process.kill("SIGTERM");
    expect(await supervisor.ended).toEqual([0, null]);
  });
});
