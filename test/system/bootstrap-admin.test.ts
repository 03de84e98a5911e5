import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { freePort } from "../../infra/runtime/free-port.ts";
import { Launched } from "../support/launched.ts";
import { createDatabase, type TestDatabase } from "../support/postgres.ts";

const ACCOUNT = { email: "first@waystock.example", password: "correct horse battery staple" };

/** Asks again and again, without a pause that a race could hide in. */
async function until(url: string): Promise<void> {
  const isOk = () =>
    fetch(url).then(
      ({ ok }) => ok,
      () => false,
    );
  while (!(await isOk())) await sleep(1);
}

async function post(url: string, body: object): Promise<number> {
  const headers = { "content-type": "application/json" };
  return (await fetch(url, { method: "POST", headers, body: JSON.stringify(body) })).status;
}

describe("the first administrator", () => {
  let folder: string;
  let database: TestDatabase;
  let launched: Launched | undefined;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "waystock-way-in-"));
    database = await createDatabase();
  });
  afterEach(async () => {
    launched?.child.kill("SIGTERM");
    await launched?.ends();
  });
  afterAll(async () => {
    await database.drop();
    await rm(folder, { recursive: true, force: true });
  });

  async function start(name: string, changes: Record<string, string>): Promise<string> {
    const port = await freePort("127.0.0.1");
    const ports = { MQTT_PORT: "0", MQTT_WS_PORT: "", HTTP_PORT: String(port) };
    launched = new Launched(name, { DATA_DIR: folder, DATABASE_URL: database.url, ...ports, ...changes });
    return `http://127.0.0.1:${port}`;
  }

  test("can sign in from the moment the platform says that it is ready", async () => {
    const api = await start("all", { ADMIN_EMAIL: ACCOUNT.email, ADMIN_PASSWORD: ACCOUNT.password });
    await until(`${api}/readyz`);
    expect(await post(`${api}/auth/login`, ACCOUNT)).toBe(200);
  });

  test("is let in by an API that runs alone, by a link in its log, until there is one", async () => {
    await database.pool.query("DELETE FROM users");
    const api = await start("api", {});
    const [, token] = await launched!.says(/first administrator \(once\) at .*#\/setup\/([\w-]+)/);
    await until(`${api}/livez`);
    expect(await post(`${api}/auth/setup`, { token, ...ACCOUNT })).toBe(200);
    launched!.child.kill("SIGTERM");
    await launched!.ends();
    await until(`${await start("api", {})}/livez`);
    expect(launched!.output).not.toContain("#/setup/");
  });
});
