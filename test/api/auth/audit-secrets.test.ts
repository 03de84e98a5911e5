import { expect, test } from "vitest";
import { createDatabase } from "../../support/postgres.ts";
import { readFile } from "node:fs/promises";
import { createHash } from "node:crypto";
import { startApi } from "../support.ts";

const secret = "Zk3v-8sQ0aYB2dLr_TnUe5WxHc7JpM9fGi1oKbNqRtE";

test("what is typed into the wrong field, or stands in a path, reaches neither the audit nor an answer", async () => {
  const api = await startApi();
  const viewer = await api.as("viewer");
  const signIn = await api.app.request("/auth/login", {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ email: "my password, typed here", password: "x" }),
  });
  expect(signIn.status).toBe(401);
  const answers = [
    await viewer(`DELETE /devices/${secret}`),
    await viewer(`GET /${secret}`),
    await viewer(`GET /shipments?token=${secret}`),
  ];
  expect(answers.map(({ status }) => status)).toEqual([403, 404, 400]);
  for (const { body } of answers) expect(JSON.stringify(body)).not.toContain(secret);
  const { rows } = await api.db.pool.query<{ text: string }>("SELECT to_jsonb(audit)::text AS text FROM audit");
  expect(rows).toHaveLength(2);
  for (const { text } of rows) expect(text).not.toMatch(new RegExp(`${secret}|typed here`));
  await api.close();
});

test("rows of the audit that an earlier version wrote lose their secrets", async () => {
  const db = await createDatabase();
  const hash = (text: string): Buffer => createHash("sha256").update(text).digest();
  await db.pool.query("INSERT INTO devices (id, kind, decoder) VALUES ('meter-1', 'env', 'thingsboard')");
  await db.pool.query("INSERT INTO device_credentials (device_id, secret_sha256) VALUES ('meter-1', $1)", [
    hash(secret),
  ]);
  const unknown = secret.split("").reverse().join("");
  for (const name of [secret, unknown, "gate-1"]) {
    await db.pool.query(
      "INSERT INTO audit (actor, action, subject, outcome) VALUES ($1, 'mqtt.connect', $1, 'refused')",
      [name],
    );
  }
  // The earlier version had none.
  await db.pool.query("ALTER TABLE audit DISABLE TRIGGER audit_append_only");
  await db.pool.query(await readFile("infra/postgres/migrations/0015_audit_without_secrets.sql", "utf8"));
  const { rows } = await db.pool.query("SELECT actor, subject FROM audit ORDER BY id");
  const short = `#${hash(unknown).toString("hex").slice(0, 8)}`;
  expect(rows).toEqual([
    { actor: "meter-1", subject: "meter-1" },
    { actor: short, subject: short },
    { actor: "gate-1", subject: "gate-1" },
  ]);
  await db.drop();
});
