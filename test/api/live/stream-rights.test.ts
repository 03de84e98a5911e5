import { afterAll, beforeAll, expect, test } from "vitest";
import { Sessions } from "../../../api/auth/sessions.ts";
import { openTokens } from "../../../api/auth/tokens.ts";
import { transaction } from "../../../ingest/decisions/record-facts.ts";
import { SEALER, startApi, type TestApi } from "../support.ts";

let api: TestApi;
let admin: Awaited<ReturnType<TestApi["as"]>>;
beforeAll(async () => {
  api = await startApi();
  admin = await api.as("admin");
});
afterAll(() => api?.close());

/** Adds a manager and opens a stream of that user. `ended` resolves to the milliseconds until the server has ended it. */
async function openStream(name: string) {
  const { rows } = await api.db.pool.query<{ id: number }>(
    "INSERT INTO users (email, role, password_hash) VALUES ($1, 'manager', '') RETURNING id",
    [`${name}@waystock.test`],
  );
  const { id } = rows[0]!;
  const sessions = new Sessions(api.db.pool, openTokens(api.db.pool, "http://waystock.test", SEALER));
  const { accessToken } = await transaction(api.db.pool, (client) => sessions.open(client, id));
  const headers = { Authorization: `Bearer ${accessToken}` };
  const response = await api.app.request("/stream", { headers });
  const reader = response.body!.getReader();
  await reader.read();
  const ended = (async () => {
    while (!(await reader.read()).done);
    return performance.now();
  })();
  return { id, headers, ended };
}

test.for<[string, (id: number) => Promise<unknown>]>([
  ["demoted", (id) => admin(`PUT /users/${id}`, { role: "viewer" })],
  ["deactivated", (id) => admin(`PUT /users/${id}`, { active: false })],
  ["removed", (id) => admin(`DELETE /users/${id}`)],
  ["changed by another process", (id) => api.db.pool.query("UPDATE users SET role = 'viewer' WHERE id = $1", [id])],
  [
    "signed out by another process",
    (id) => api.db.pool.query("UPDATE sessions SET revoked_at = now() WHERE user_id = $1", [id]),
  ],
])("the open stream of a user who is %s ends at once, and no other", async ([name, change]) => {
  const bystander = await openStream(`bystander of ${name}`.replaceAll(" ", "-"));
  const stream = await openStream(name.replaceAll(" ", "-"));
  const changedAt = performance.now();
  await change(stream.id);
  expect((await stream.ended) - changedAt).toBeLessThan(5000);
  const still = await Promise.race([bystander.ended, new Promise((resolve) => setTimeout(resolve, 200, "open"))]);
  expect(still).toBe("open");
  if (!name.startsWith("changed")) {
    expect((await api.app.request("/auth/me", { headers: stream.headers })).status).toBe(401);
  }
});
