import { afterAll, beforeAll, expect, test } from "vitest";
import { sha256 } from "../../../api/auth/secrets.ts";
import { DEVICE_KINDS } from "../../../api/resources/devices/schema.ts";
import { startApi, type TestApi } from "../support.ts";

let api: TestApi;
let manager: Awaited<ReturnType<TestApi["as"]>>;
beforeAll(async () => {
  api = await startApi();
  manager = await api.as("manager");
});
afterAll(() => api.close());

test("a device profile shows its key once, and can be deleted", async () => {
  const made = await manager("POST /device-profiles", { name: "trucks", kind: "gps", quota: 100 });
  expect(made.status).toBe(201);
  expect(made.body).toMatchObject({ name: "trucks", quota: 100, used: 0, certificates: false, active: true });
  expect(String(made.body.profile_key)).toMatch(/^[\w-]{43}$/);
  const listed = (await manager("GET /device-profiles")).body as unknown as object[];
  expect(listed).toHaveLength(1);
  expect(JSON.stringify(listed)).not.toContain("profile_key");
  expect((await manager("POST /device-profiles", { name: "any", quota: 1, certificates: true })).status).toBe(400);
  expect((await manager("POST /device-profiles", { name: "none", quota: 0 })).status).toBe(400);
  expect((await manager(`DELETE /device-profiles/${String(made.body.id)}`)).status).toBe(204);
  expect((await manager("GET /device-profiles")).body).toEqual([]);
});

test("devices and profiles are of any kind that the API names", async () => {
  for (const kind of DEVICE_KINDS) {
    expect((await manager("POST /devices", { id: `a-${kind}`, kind })).status, kind).toBe(201);
    const made = await manager("POST /device-profiles", { name: kind, kind, quota: 1 });
    expect(made.status, kind).toBe(201);
    expect((await manager(`DELETE /device-profiles/${String(made.body.id)}`)).status).toBe(204);
  }
});

test("a profile says what the fields of a payload are; decoding tries it, and devices have it", async () => {
  const fields = { t: "env.celsius", batV: { field: "env.battery", scale: 0.5, offset: -1 }, door: null };
  const made = await manager("POST /device-profiles", { name: "probes", quota: 5, payload_fields: fields });
  expect(made.body).toMatchObject({ payload_fields: fields });
  const path = `/device-profiles/${String(made.body.id)}`;
  const sample = {
    json: { deviceInfo: { devEui: "a1" }, time: "2026-03-01T10:00:00Z", object: { t: 4.5, batV: 3.2, door: 1, x: 1 } },
  };
  const tried = await manager(`POST /decoders/chirpstack/test?profile_id=${String(made.body.id)}`, sample);
  const reading = { kind: "env", ts: "2026-03-01T10:00:00.000Z", celsius: 4.5, device_id: "a1" };
  expect(tried.body.readings).toEqual([expect.objectContaining(reading)]);
  expect(tried.body.ignored_fields).toMatchObject([{ field: "x" }]);
  const without = await manager("POST /decoders/chirpstack/test", sample);
  expect(without.body).toMatchObject({ readings: [], rejections: [{ reason: "not-a-reading" }] });
  expect((await manager("POST /decoders/chirpstack/test?profile_id=999", sample)).status).toBe(404);

  const changed = await manager(`PUT ${path}`, {
    payload_fields: { t: { field: "env.celsius", scale: 0.1 } },
    active: false,
  });
  expect(changed.body).toMatchObject({ name: "probes", active: false, payload_fields: { t: { scale: 0.1 } } });
  expect((await manager(`GET ${path}`)).body).toEqual(changed.body);
  const wrong = await manager(`PUT ${path}`, { payload_fields: { t: "env.fahrenheit" } });
  expect(wrong.status).toBe(400);
  expect((await manager(`PUT ${path}`, { certificates: true })).status).toBe(400);

  const device = { id: "probe-7", kind: "env", decoder: "chirpstack", profile_id: made.body.id };
  expect((await manager("POST /devices", device)).body).toMatchObject({ profile_id: made.body.id });
  const unknown = await manager("PUT /devices/probe-7", { profile_id: 999 });
  expect(unknown.body).toMatchObject({ status: 400, errors: [{ pointer: "/profile_id" }] });
  expect((await manager(`DELETE ${path}`)).status).toBe(204);
  expect((await manager("GET /devices/probe-7")).body).toMatchObject({ profile_id: null });
});

test("a new device registers itself by the key of its profile, within the quota, and waits for approval", async () => {
  const made = await manager("POST /device-profiles", { name: "vans", kind: "gps", decoder: "osmand", quota: 2 });
  const key = String(made.body["profile_key"]);
  const provision = async (body: object) => {
    const response = await api.app.request("/provision", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(body),
    });
    return {
      status: response.status,
      headers: response.headers,
      body: (await response.json()) as Record<string, unknown>,
    };
  };
  const van = (id: string) => ({ profile_key: key, id, kind: "gps" });
  const first = await provision({ ...van("van-1"), name: "Van 1" });
  expect(first).toMatchObject({ status: 201, body: { id: "van-1", state: "pending" } });
  expect(first.headers.get("Cache-Control")).toBe("no-store");
  expect((await manager("GET /devices/van-1")).body).toMatchObject({
    state: "pending",
    decoder: "osmand",
    name: "Van 1",
  });
  const { rows } = await api.db.pool.query("SELECT secret_sha256 FROM device_credentials WHERE device_id = 'van-1'");
  expect(rows).toEqual([{ secret_sha256: sha256(String(first.body["secret"])) }]);

  expect(await provision(van("van-1"))).toMatchObject({ status: 409 });
  expect(await provision({ ...van("van-2"), kind: "scale" })).toMatchObject({ status: 403 });
  expect(await provision({ ...van("van-2"), admin: true })).toMatchObject({
    status: 400,
    body: { errors: [{ pointer: "/admin" }] },
  });
  expect(await provision({ ...van("a/b") })).toMatchObject({ status: 400, body: { errors: [{ pointer: "/id" }] } });
  expect(await provision(van("van-2"))).toMatchObject({ status: 201 });
  expect(await provision(van("van-3"))).toMatchObject({
    status: 403,
    body: { detail: "the profile's quota is used up" },
  });

  const guess = () => provision({ ...van("van-4"), profile_key: "guess" });
  const answers = [];
  for (let tried = 0; tried < 300 && answers.at(-1)?.status !== 429; tried += 1) answers.push(await guess());
  expect(answers[0]).toMatchObject({ status: 401, body: { detail: "unknown profile key" } });
  expect(answers.at(-1)).toMatchObject({ status: 429 });
  expect(Number(answers.at(-1)!.headers.get("Retry-After"))).toBeGreaterThan(0);
  const audited = await api.db.pool.query(
    "SELECT outcome, detail FROM audit WHERE action = 'device.provision' AND subject = 'van-4' LIMIT 1",
  );
  expect(audited.rows).toEqual([{ outcome: "refused", detail: { reason: "unknown profile key" } }]);
});
