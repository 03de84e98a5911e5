import { expect } from "vitest";
import { webhookTest as test } from "./webhook-test.ts";

test("an endpoint that keeps an order gets one event after the other, whatever fails; beside dead ones nobody waits", async ({
  http,
  mine,
}) => {
  const ordered = await mine.hook({ ordered: true });
  const silent = await mine.hook();
  const well = await mine.hook();
  // This one never answers: an attempt lasts 20 s.
  http.answers.set(silent.path, () => new Promise(() => {}));
  let isBusy = false;
  const overlaps: string[] = [];
  const accepted: string[] = [];
  const refusals = new Map<string, number>();
  http.answers.set(ordered.path, async ({ headers }) => {
    const id = String(headers["webhook-id"]);
    if (isBusy) overlaps.push(id);
    isBusy = true;
    await new Promise((resolve) => setImmediate(resolve));
    isBusy = false;
    const refused = refusals.get(id) ?? 0;
    // Every second event is refused at first.
    if (Number(id.split("-")[1]) % 2 === 0 && refused === 0) {
      refusals.set(id, 1);
      return { status: 503 };
    }
    accepted.push(id);
    return { status: 200 };
  });
  const events: string[] = [];
  for (let nr = 0; nr < 8; nr += 1) events.push(await mine.event());
  await expect.poll(() => mine.ids(well.path).toSorted()).toEqual(events.toSorted());
  await expect
    .poll(
      async () => {
        await mine.due(ordered);
        return accepted;
      },
      { timeout: 20_000 },
    )
    .toEqual(events);
  expect(refusals.size).toBeGreaterThan(2);
  expect(overlaps).toEqual([]);
  expect(new Set(mine.ids(silent.path)).size).toBeLessThanOrEqual(4);
});

test("events are sent again on request with the ids that they had: since a time, or these deliveries", async ({
  admin,
  mine,
}) => {
  const hook = await mine.hook({ ordered: true });
  const early = await mine.event();
  await expect.poll(() => mine.ids(hook.path)).toEqual([early]);
  const since = new Date().toISOString();
  const late = [await mine.event(), await mine.event()];
  await expect.poll(() => mine.deliveries(hook, "?state=sent")).toHaveLength(3);
  const replay = async (body: object) => (await admin(`POST ${hook.at}/replay`, body)).body["replayed"];
  expect(await replay({ since })).toBe(2);
  await expect.poll(() => mine.ids(hook.path)).toEqual([early, ...late, ...late]);
  const first = (await mine.deliveries(hook)).at(-1)!;
  expect(first).toMatchObject({ event_id: early, kind: "event" });
  expect(await replay({ delivery_ids: [first["id"]] })).toBe(1);
  await expect.poll(() => mine.ids(hook.path)).toEqual([early, ...late, ...late, early]);
  const log = await mine.deliveries(hook, "?limit=4");
  expect(log.map(({ kind }) => kind)).toEqual(["replay", "replay", "replay", "event"]);
  // Nothing has failed.
  expect(await replay({})).toBe(0);
  const other = await mine.hook();
  expect(await admin(`POST ${other.at}/replay`, { delivery_ids: [first["id"]] })).toMatchObject({
    status: 400,
    body: { errors: [{ pointer: "/delivery_ids/0" }] },
  });
  expect((await admin(`POST ${hook.at}/replay`, { since, delivery_ids: [first["id"]] })).status).toBe(400);
});

test("a test is sent once, also to a webhook that is turned off, and what is said is shown", async ({
  admin,
  http,
  mine,
}) => {
  const hook = await mine.hook({ enabled: false });
  http.answers.set(hook.path, () => ({ status: 500, body: "no" }));
  const sent = await admin(`POST ${hook.at}/test`);
  expect(sent).toMatchObject({ status: 202, body: { kind: "test", state: "waiting", type: "webhook.test" } });
  await expect
    .poll(() => mine.deliveries(hook))
    .toMatchObject([{ id: sent.body["id"], state: "failed", attempts: 1, response: "HTTP 500 no" }]);
  const other = await mine.hook();
  const event = await mine.event();
  await expect.poll(() => mine.ids(other.path)).toEqual([event]);
  expect(http.at(hook.path).length).toBe(1);
});

test("what a webhook waits for is cancelled when it is turned off, and goes when it is removed", async ({
  api,
  admin,
  http,
  mine,
}) => {
  const hook = await mine.hook();
  http.answers.set(hook.path, () => ({ status: 503 }));
  await mine.event();
  await expect.poll(() => mine.deliveries(hook)).toMatchObject([{ state: "waiting", attempts: 1 }]);
  expect((await admin(`PUT ${hook.at}`, { enabled: false })).body).toMatchObject({ enabled: false, waiting: 0 });
  expect(await mine.deliveries(hook)).toMatchObject([{ state: "cancelled", response: "the webhook was turned off" }]);
  expect((await admin(`DELETE ${hook.at}`)).status).toBe(204);
  expect((await admin(`GET ${hook.at}`)).status).toBe(404);
  const { rows } = await api.db.pool.query("SELECT FROM webhook_deliveries WHERE webhook_id = $1", [hook.id]);
  expect(rows).toEqual([]);
});
