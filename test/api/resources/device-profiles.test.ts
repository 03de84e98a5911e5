import { afterAll, beforeAll, expect, test } from "vitest";
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
