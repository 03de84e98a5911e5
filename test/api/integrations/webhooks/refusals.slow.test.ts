import { expect } from "vitest";
import { webhookTest as test } from "./webhook-test.ts";

test("what is refused comes again with the same id, and then what waited comes too", async ({ http, mine }) => {
  const hook = await mine.hook();
  http.answers.set(hook.path, () => ({ status: 500, body: "out of order" }));
  const first = await mine.event();
  await expect
    .poll(() => mine.deliveries(hook))
    .toMatchObject([
      { event_id: first, state: "waiting", attempts: 1, status: 500, response: "HTTP 500 out of order" },
    ]);
  await expect
    .poll(() => mine.shown(hook))
    .toMatchObject({ enabled: true, failing_since: expect.any(String), waiting: 1 });
  await mine.laterDue(hook);
  http.answers.delete(hook.path);
  const second = await mine.event();
  // The first one is tried again at once, though its time has not come: the endpoint is back.
  await expect.poll(() => mine.ids(hook.path), { timeout: 15_000 }).toEqual([first, second, first]);
  await expect.poll(() => mine.shown(hook)).toMatchObject({ failing_since: null, last_error: null, waiting: 0 });
  expect(await mine.deliveries(hook, "?state=sent")).toMatchObject([
    { event_id: second, attempts: 1, status: 200 },
    { event_id: first, attempts: 2 },
  ]);
});

test("an endpoint that asks to be left alone is left alone, with seconds and with a date", async ({ http, mine }) => {
  const hook = await mine.hook();
  const when = new Date(Date.now() + 7_200_000).toUTCString();
  for (const asked of ["3600", when]) {
    http.answers.set(hook.path, () => ({ status: 429, headers: { "Retry-After": asked } }));
    const id = await mine.event();
    const waits = async () => (await mine.deliveries(hook)).find((row) => row["event_id"] === id)!;
    await expect.poll(waits).toMatchObject({ state: "waiting", attempts: 1, status: 429 });
    const due = Date.parse(String((await waits())["due_at"])) - Date.now();
    expect(due).toBeGreaterThan(asked === "3600" ? 3_500_000 : 7_000_000);
    const posts = http.at(hook.path).length;
    // Neither is anything else sent to it meanwhile.
    await mine.due(hook);
    await mine.event();
    const other = await mine.hook();
    const seen = await mine.event();
    await expect.poll(() => mine.ids(other.path)).toContain(seen);
    expect(http.at(hook.path).length).toBe(posts);
    http.answers.delete(hook.path);
    await mine.quietEnds(hook);
    await mine.due(hook);
    await expect.poll(() => mine.ids(hook.path)).toContain(seen);
    // Its posts come in any order, several at a time.
    await expect.poll(() => mine.shown(hook)).toMatchObject({ waiting: 0 });
  }
});

test("a redirect is a refusal: nothing is posted to where it leads", async ({ http, mine }) => {
  const hook = await mine.hook();
  const trap = `${hook.path}-trap`;
  http.answers.set(hook.path, () => ({ status: 307, headers: { Location: `${http.url}${trap}` } }));
  await mine.event();
  await expect.poll(() => mine.deliveries(hook)).toMatchObject([{ state: "waiting", status: 307 }]);
  expect(http.at(trap)).toEqual([]);
});

test("410 turns an endpoint off, which is shown and audited; turned on again, it gets by a replay what it missed", async ({
  api,
  admin,
  http,
  mine,
}) => {
  const hook = await mine.hook({ ordered: true });
  http.answers.set(hook.path, () => ({ status: 410 }));
  const first = await mine.event();
  await expect
    .poll(() => mine.shown(hook))
    .toMatchObject({
      enabled: false,
      disabled_reason: "it answered 410 Gone",
      disabled_at: expect.any(String),
      waiting: 0,
    });
  expect(await mine.deliveries(hook)).toMatchObject([{ event_id: first, state: "failed", status: 410 }]);
  const { rows } = await api.db.pool.query(
    "SELECT actor, action, detail FROM audit WHERE subject = $1 AND actor = 'relay'",
    [hook.at],
  );
  expect(rows).toEqual([{ actor: "relay", action: "webhook disabled", detail: { reason: "it answered 410 Gone" } }]);
  // Told to others while it is off.
  const other = await mine.hook();
  const missed = await mine.event();
  await expect.poll(() => mine.ids(other.path)).toContain(missed);
  expect((await admin(`POST ${hook.at}/replay`, {})).status).toBe(409);
  http.answers.delete(hook.path);
  expect((await admin(`PUT ${hook.at}`, { enabled: true })).body).toMatchObject({
    enabled: true,
    disabled_reason: null,
  });
  expect(await admin(`POST ${hook.at}/replay`)).toMatchObject({ status: 202, body: { replayed: 1 } });
  await expect.poll(() => mine.ids(hook.path)).toEqual([first, first]);
});

test("a URL that leads inside is refused when it is given, and when it is posted to", async ({ api, admin, mine }) => {
  const add = (url: string) => admin("POST /webhooks", { url, types: ["*"] });
  for (const url of [
    "https://10.0.0.7/x",
    "https://localhost/x",
    "http://example.com/x",
    "ftp://example.com",
    "https://u:p@example.com/",
  ]) {
    expect(await add(url)).toMatchObject({ status: 400, body: { errors: [{ pointer: "/url" }] } });
  }
  const hook = await mine.hook();
  // A name that has a private address, as somebody may let it have later.
  await api.db.pool.query("UPDATE webhooks SET url = 'https://localhost.waystock.test:1/' WHERE id = $1", [hook.id]);
  await mine.event();
  await expect.poll(() => mine.deliveries(hook)).toMatchObject([{ state: "waiting", attempts: 1, status: null }]);
  for (const bad of [
    { types: ["shipment.eaten"] },
    { types: [] },
    { location_ids: [987_654] },
    { owner_ids: [987_654] },
    { colour: 1 },
  ]) {
    expect((await admin("POST /webhooks", { url: "https://example.com/", types: ["*"], ...bad })).status).toBe(400);
  }
});
