import { randomBytes } from "node:crypto";
import { mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { sealStoredSecrets, secondFactorContext } from "../../../api/auth/seal-stored.ts";
import { Sealer } from "../../../api/auth/sealing.ts";
import { readConfig } from "../../../infra/config/config.ts";
import { ensureSecretsKey, secretsKeys } from "../../../infra/runtime/secrets-key.ts";
import { SEALER, startApi, type TestApi } from "../support.ts";
import { addPerson, callAs, codeOf, PASSWORD, setUpSecondFactor, signIn } from "./people.ts";

const [first, second] = [randomBytes(32), randomBytes(32)];
let api: TestApi;
let users = 0;
beforeAll(async () => {
  api = await startApi();
});
afterAll(() => api?.close());

interface Stored {
  secret: Buffer | null;
  sealed_secret: Buffer | null;
}

async function storedOf(id: number, { db }: TestApi): Promise<Stored> {
  const { rows } = await db.pool.query<Stored>("SELECT secret, sealed_secret FROM second_factors WHERE user_id = $1", [
    id,
  ]);
  return rows[0]!;
}

/** A person with a second factor, made at an API that seals with `sealer`. */
async function personWith(at: TestApi): Promise<{ id: number; email: string; secret: string }> {
  const email = `sealed-${(users += 1)}@waystock.test`;
  const id = await addPerson(at, email);
  const token = await signIn(at, email);
  const { secret } = await setUpSecondFactor(at, token);
  return { id, email, secret };
}

const login = (at: TestApi, email: string, code: string) =>
  callAs(at, "POST /auth/login", { email, password: PASSWORD, code });

test("an authenticator app's secret and the keys that sign tokens are not in Postgres as they are", async () => {
  const { id, email, secret } = await personWith(api);
  const { rows } = await api.db.pool.query<{ row: string }>(
    `SELECT to_jsonb(f)::text AS row FROM second_factors f UNION ALL SELECT to_jsonb(k)::text FROM signing_keys k
     UNION ALL SELECT to_jsonb(i)::text FROM idempotency_keys i UNION ALL SELECT to_jsonb(a)::text FROM audit a`,
  );
  const kept = rows.map(({ row }) => row).join("\n");
  const bytes = SEALER.read({ plain: null, sealed: (await storedOf(id, api)).sealed_secret }, secondFactorContext(id))!;
  expect(bytes).toHaveLength(20);
  for (const text of [bytes.toString("hex"), secret]) expect(kept).not.toContain(text);
  // The private part of a key (RFC 7518 §6.2.2.1).
  expect(kept).not.toMatch(/"d":/);
  expect((await login(api, email, codeOf(secret, 1))).status).toBe(200);
});

test("secrets of an earlier version still work, and a start seals them; a changed key takes over what the old one sealed", async () => {
  const plain = await startApi({}, { sealer: new Sealer([]) });
  try {
    const { id, email, secret } = await personWith(plain);
    const rowOf = () => storedOf(id, plain);
    await addPerson(plain, "old@waystock.test");
    const token = await signIn(plain, "old@waystock.test");
    expect((await rowOf()).secret).toHaveLength(20);
    const old = new Sealer([first]);
    expect(await sealStoredSecrets(plain.db.pool, old)).toEqual({ sealed: 2, unreadable: 0, plain: 0 });
    const sealedBefore = await rowOf();
    expect(sealedBefore.secret).toBeNull();
    expect(await sealStoredSecrets(plain.db.pool, old)).toEqual({ sealed: 0, unreadable: 0, plain: 0 });

    // Without the key it says so, and takes nothing over.
    const stranger = new Sealer([second]);
    expect(await sealStoredSecrets(plain.db.pool, stranger)).toEqual({ sealed: 0, unreadable: 2, plain: 0 });
    expect(await rowOf()).toEqual(sealedBefore);

    const both = new Sealer([second, first]);
    expect(await sealStoredSecrets(plain.db.pool, both)).toEqual({ sealed: 2, unreadable: 0, plain: 0 });
    const after = await startApi({}, { beside: plain, sealer: new Sealer([second]) });
    try {
      expect((await login(after, email, codeOf(secret, 1))).status).toBe(200);
      // The token of the key that was plain is valid, and the same key still signs.
      expect((await callAs(after, "GET /auth/me", undefined, { token })).status).toBe(200);
      const { rows } = await plain.db.pool.query("SELECT FROM signing_keys");
      expect(rows).toHaveLength(1);
    } finally {
      await after.close();
    }
  } finally {
    await plain.close();
  }
});

test("an API process without the key signs people in with a key of its own, and refuses only codes of apps it cannot check", async () => {
  const { email, secret } = await personWith(api);
  const colleague = `sealed-${(users += 1)}@waystock.test`;
  await addPerson(api, colleague);
  const keyless = await startApi({}, { beside: api, sealer: new Sealer([]) });
  const again = await startApi({}, { beside: api, sealer: new Sealer([]) });
  try {
    const refused = await login(keyless, email, codeOf(secret, 1));
    expect(refused).toMatchObject({
      status: 503,
      body: { detail: expect.stringContaining("lacks the key") as string },
    });
    expect(refused.headers.get("Retry-After")).toBe("60");
    for (const at of [keyless, again]) {
      const token = await signIn(at, colleague);
      for (const other of [api, keyless, again]) {
        // Another process hears of a new key by a notice.
        await expect.poll(async () => (await callAs(other, "GET /auth/me", undefined, { token })).status).toBe(200);
      }
    }
    // The plain key that keyless processes share stays as it is: sealed, each start would add one more.
    expect(await sealStoredSecrets(api.db.pool, SEALER)).toEqual({ sealed: 0, unreadable: 0, plain: 1 });
    expect((await login(api, email, codeOf(secret, 1))).status).toBe(200);
  } finally {
    await keyless.close();
    await again.close();
  }
});

test("a sealed secret opens in its own row only, and not when a bit of it was changed", () => {
  const sealer = new Sealer([first]);
  const secret = randomBytes(20);
  const { plain, sealed } = sealer.keep(secret, "second_factor:1");
  expect(plain).toBeNull();
  expect(sealer.read({ plain, sealed }, "second_factor:1")).toEqual(secret);
  expect(sealer.read({ plain, sealed }, "second_factor:2")).toBeUndefined();
  expect(sealer.keep(secret, "second_factor:1").sealed).not.toEqual(sealed);
  for (let at = 0; at < sealed!.length; at += 1) {
    const changed = Buffer.from(sealed!);
    changed[at]! ^= 1;
    expect(sealer.read({ plain, sealed: changed }, "second_factor:1"), `byte ${at}`).toBeUndefined();
  }
  for (let length = 0; length < sealed!.length; length += 1) {
    expect(sealer.read({ plain, sealed: sealed!.subarray(0, length) }, "second_factor:1")).toBeUndefined();
  }
});

test("the key is SECRETS_KEY, else the file that the first start makes for its owner alone", async () => {
  const parent = await mkdtemp(join(tmpdir(), "waystock-key-"));
  // The first start makes the folder, too.
  const dataDirectory = join(parent, "data");
  try {
    const config = readConfig({ DATA_DIR: dataDirectory });
    expect(await secretsKeys(config)).toEqual([]);
    await ensureSecretsKey(config);
    const made = await secretsKeys(config);
    expect(made.map(({ length }) => length)).toEqual([32]);
    expect((await stat(join(dataDirectory, "secrets.key"))).mode & 0o777).toBe(0o600);
    await ensureSecretsKey(config);
    expect(await secretsKeys(config)).toEqual(made);
    await writeFile(
      join(dataDirectory, "secrets.key"),
      `${second.toString("base64")}\n${made[0]!.toString("base64")}\n`,
    );
    expect(await secretsKeys(config)).toEqual([second, made[0]]);
    await writeFile(join(dataDirectory, "secrets.key"), "too short");
    await expect(secretsKeys(config)).rejects.toThrow("secrets.key holds no key");
    const named = readConfig({ DATA_DIR: dataDirectory, SECRETS_KEY: first.toString("base64url") });
    expect(await secretsKeys(named)).toEqual([first]);
    expect(() => readConfig({ SECRETS_KEY: "short" })).toThrow("openssl rand -base64 32");
  } finally {
    await rm(parent, { recursive: true, force: true });
  }
});
