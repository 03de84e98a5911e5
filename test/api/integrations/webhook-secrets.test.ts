import { createHmac } from "node:crypto";
import { expect } from "vitest";
import type { ReceivedPost } from "../../support/receivers.ts";
import { relayTest as test, type Row } from "./relay-test.ts";

/** As a receiver checks it (Standard Webhooks): one of the signatures is that of the secret it knows. */
function isSignedBy(secret: string, { headers, body }: ReceivedPost): boolean {
  const key = Buffer.from(secret.replace(/^whsec_/, ""), "base64");
  const signed = `${String(headers["webhook-id"])}.${String(headers["webhook-timestamp"])}.${body}`;
  const expected = `v1,${createHmac("sha256", key).update(signed).digest("base64")}`;
  return String(headers["webhook-signature"]).split(" ").includes(expected);
}

test("a webhook's secret is changed without a message that its receiver refuses: two sign until the old one is ended", async ({
  http,
  api,
  manager,
  operator,
  site,
  n,
}) => {
  const path = `/rotated-${n}`;
  http.answer = { status: 200 };
  const { id, secret: first } = await site.rule({ channel: "webhook", target: `${http.url}${path}` });
  const secrets = `/notification-rules/${id}/secrets`;
  const told = async (): Promise<ReceivedPost> => {
    const before = http.at(path).length;
    await site.open();
    await expect.poll(() => http.at(path).length).toBe(before + 1);
    return http.at(path).at(-1)!;
  };
  const known = async () => (await manager(`GET ${secrets}`)).body as unknown as Row[];
  expect((await known()).length).toBe(1);
  expect((await operator(`POST ${secrets}`)).status).toBe(403);

  const issued = await manager(`POST ${secrets}`);
  expect(issued).toMatchObject({ status: 201, body: { secret: expect.stringMatching(/^whsec_[\w+/]{43}=$/) } });
  const second = String(issued.body["secret"]);
  const both = await told();
  expect([isSignedBy(first!, both), isSignedBy(second, both)]).toEqual([true, true]);
  const [old, young] = await known();
  expect(young).toEqual({ id: issued.body["id"], created_at: issued.body["created_at"] });

  expect((await manager(`DELETE ${secrets}/${String(old!["id"])}`)).status).toBe(204);
  const one = await told();
  expect([isSignedBy(first!, one), isSignedBy(second, one)]).toEqual([false, true]);
  expect((await manager(`DELETE ${secrets}/${String(old!["id"])}`)).status).toBe(404);
  expect((await manager(`DELETE ${secrets}/${String(young!["id"])}`)).status).toBe(409);

  // A third one ends the oldest.
  const third = String((await manager(`POST ${secrets}`)).body["secret"]);
  const fourth = String((await manager(`POST ${secrets}`)).body["secret"]);
  const last = await told();
  expect([second, third, fourth].map((secret) => isSignedBy(secret, last))).toEqual([false, true, true]);

  const kept = "SELECT secret, sealed_secret FROM notification_secrets WHERE rule_id = $1";
  const sealed = { secret: null, sealed_secret: expect.any(Buffer) };
  expect((await api.db.pool.query(kept, [id])).rows).toEqual([sealed, sealed]);
  const audited = await api.db.pool.query(
    "SELECT action, detail FROM audit WHERE outcome = 'done' AND subject LIKE $1",
    [`${secrets}%`],
  );
  expect(audited.rows).toHaveLength(4);
  expect(JSON.stringify(audited.rows)).not.toContain("whsec_");
});

test("what is not signed has no secrets, and a rule has no other's", async ({ http, manager, site, n }) => {
  const mailed = await site.rule({});
  expect(await manager(`POST /notification-rules/${mailed.id}/secrets`)).toMatchObject({
    status: 409,
    body: { detail: "only webhooks are signed, and this rule tells by email" },
  });
  expect((await manager(`GET /notification-rules/${mailed.id}/secrets`)).body).toEqual([]);
  const hook = () => site.rule({ channel: "webhook", target: `${http.url}/none-${n}` });
  const [own, other] = [await hook(), await hook()];
  const { body } = await manager(`POST /notification-rules/${other.id}/secrets`);
  expect((await manager(`DELETE /notification-rules/${own.id}/secrets/${String(body["id"])}`)).status).toBe(404);
  expect((await manager(`GET /notification-rules/${other.id}/secrets`)).body).toHaveLength(2);
});
