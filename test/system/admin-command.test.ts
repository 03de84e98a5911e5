import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { addPerson, callAs, PASSWORD, setUpSecondFactor, signIn } from "../api/auth/people.ts";
import { startApi, type TestApi } from "../api/support.ts";
import { ask, startEmbedded, temporaryFolder } from "../support/embedded.ts";
import { Launched } from "../support/launched.ts";

let api: TestApi;
let folder: string;
beforeAll(async () => {
  api = await startApi();
  folder = await mkdtemp(join(tmpdir(), "waystock-admin-"));
});
afterAll(async () => {
  await api?.close();
  await rm(folder, { recursive: true, force: true });
});

/** Runs `npm run admin -- …` to its end. */
async function admin(args: string[], environment: Record<string, string> = { DATABASE_URL: api.db.url }) {
  const command = new Launched("admin", { DATA_DIR: folder, PUBLIC_URL: "http://waystock.test", ...environment }, args);
  const { code } = await command.ends();
  return { code, output: command.output };
}

const me = async (token: string) => (await callAs(api, "GET /auth/me", undefined, { token })).status;
const keyIds = async () => {
  const { body } = await callAs(api, "GET /.well-known/jwks.json");
  return (body["keys"] as { kid: string }[]).map(({ kid }) => kid);
};

test("reset prints a link by which a locked-out administrator signs in again", { timeout: 120_000 }, async () => {
  await addPerson(api, "boss@waystock.test", "admin");
  await addPerson(api, "viewer@waystock.test", "viewer");
  await setUpSecondFactor(api, await signIn(api, "boss@waystock.test"));
  const { code, output } = await admin(["reset", "BOSS@waystock.test"]);
  expect(code).toBe(0);
  const [, token] = /^http:\/\/waystock\.test\/#\/reset\/(\S+)$/m.exec(output)!;
  const password = "another long one";
  expect((await callAs(api, "POST /auth/reset", { token, password })).status).toBe(200);
  expect((await callAs(api, "POST /auth/login", { email: "boss@waystock.test", password })).status).toBe(200);
  expect((await callAs(api, "POST /auth/reset", { token, password: PASSWORD })).status).toBe(401);
  const other = await admin(["reset", "viewer@waystock.test"]);
  expect(other).toMatchObject({
    code: 1,
    output: "admin: no active administrator has the address viewer@waystock.test\n",
  });
  const { rows } = await api.db.pool.query("SELECT actor, subject FROM audit WHERE action = 'admin reset'");
  expect(rows).toEqual([{ actor: "the machine's administrator", subject: "BOSS@waystock.test" }]);
});

test(
  "retire-key ends what a key has signed in running processes, and a new key signs",
  { timeout: 120_000 },
  async () => {
    await addPerson(api, "clerk@waystock.test", "viewer");
    const token = await signIn(api, "clerk@waystock.test");
    expect(await me(token)).toBe(200);
    const [kid] = await keyIds();
    expect((await admin(["keys"])).output).toMatch(new RegExp(`^${kid}  made \\S+  signs$`, "m"));
    expect((await admin(["retire-key", kid!])).code).toBe(0);
    await expect.poll(() => me(token), { timeout: 2_000 }).toBe(401);
    expect(await me(await signIn(api, "clerk@waystock.test"))).toBe(200);
    expect(await keyIds()).not.toContain(kid);
    expect((await admin(["keys"])).output).toMatch(/^\S+ {2}made \S+ {2}signs\n\S+ {2}made \S+ {2}retired \S+$/m);
    const again = await admin(["retire-key", kid!]);
    expect(again).toMatchObject({ code: 1, output: expect.stringContaining(`no key ${kid} is in force`) as unknown });
    for (const wrong of [[], ["retire-key"], ["keys", "all"], ["demote"]])
      expect(await admin(wrong)).toMatchObject({
        code: 2,
        output: expect.stringContaining("usage: npm run admin --") as unknown,
      });
  },
);

test(
  "works beside a running platform with an embedded Postgres, and leaves that running",
  { timeout: 120_000 },
  async (context) => {
    const dataDir = await temporaryFolder(context);
    const { url } = await startEmbedded(context, { dataDir });
    expect(await admin(["keys"], { DATA_DIR: dataDir })).toMatchObject({
      code: 0,
      output: "no key has been made yet\n",
    });
    expect(await ask(url, "SELECT count(*)::int AS users FROM users")).toEqual([{ users: 0 }]);
  },
);
