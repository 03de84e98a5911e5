import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { CredentialCache } from "../../../broker/auth/credential-cache.ts";
import { createDatabase, type TestDatabase } from "../../support/postgres.ts";
import { addDevice, log, sha256 } from "../platform.ts";

/** The cache without notifications: it learns of a device only by looking it up. */
describe("looking up names that the credential cache does not know", () => {
  let database: TestDatabase;
  let folder: string;
  let cache: CredentialCache;
  let changes = 0;
  beforeAll(async () => {
    database = await createDatabase();
    folder = await mkdtemp(join(tmpdir(), "waystock-credentials-"));
    cache = new CredentialCache(database.pool, folder, log);
    cache.onChanged = () => changes++;
    await cache.start();
  });
  afterAll(async () => {
    await cache.close();
    await database.drop();
    await rm(folder, { recursive: true });
  });

  it("finds a new device beside 900 names and 90 access tokens that do not exist", async () => {
    await addDevice(database.pool, "new");
    const names = Array.from({ length: 900 }, (_, n) => cache.reload(`unknown-${n}`));
    const tokens = Array.from({ length: 90 }, (_, n) =>
      cache.reloadByAccessToken(sha256(`unknown ${n}`).toString("hex")),
    );
    expect(await cache.reload("new")).toBe("reloaded");
    expect(cache.device("new")?.state).toBe("active");
    expect(new Set(await Promise.all(names))).toEqual(new Set(["reloaded"]));
    expect(new Set(await Promise.all(tokens))).toEqual(new Set([true]));
  });

  it("finds a device by its access token", async () => {
    const secret = await addDevice(database.pool, "board", null, "thingsboard");
    const hash = sha256(secret).toString("hex");
    expect(await cache.reloadByAccessToken(hash)).toBe(true);
    expect(cache.deviceByAccessToken(hash)?.id).toBe("board");
  });

  it("names that do not exist change nothing: no connection is checked again, no snapshot is written", async () => {
    const before = changes;
    for (let n = 0; n < 5; n++) await cache.reload(`nobody-${n}`);
    expect(changes).toBe(before);
    await database.pool.query("UPDATE devices SET state = 'suspended' WHERE id = 'new'");
    await cache.reload("new");
    expect(changes).toBe(before + 1);
    expect(cache.device("new")?.state).toBe("suspended");
  });

  it("beyond a thousand at a time it says so, that the device may try again; a name that is too long takes no room", async () => {
    const many = Array.from({ length: 1001 }, (_, n) => cache.reload(`many-${n}`));
    expect(await cache.reload("one more")).toBe("busy");
    await Promise.all(many);
    const long = Array.from({ length: 1500 }, (_, n) => cache.reload(`${n}`.padEnd(10_000, "x")));
    expect(await cache.reload("new")).toBe("reloaded");
    await Promise.all(long);
  });
});
