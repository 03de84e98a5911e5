import { afterAll, beforeAll, expect, test } from "vitest";
import { startApi, type TestApi } from "../support.ts";

let api: TestApi;
let manager: Awaited<ReturnType<TestApi["as"]>>;
beforeAll(async () => {
  api = await startApi();
  manager = await api.as("manager");
});
afterAll(() => api.close());

test("sample messages and EPCs are decoded without storing anything", async () => {
  const sample = { json: { ts: "2026-11-01T00:00:00Z", grams: 12 }, topic: "devices/x/scale" };
  expect((await manager("POST /decoders/native/test", sample)).body).toMatchObject({
    readings: [{ kind: "scale", grams: 12, ts: "2026-11-01T00:00:00.000Z" }],
  });
  const asSent = { _type: "location", lat: 48, lon: 11, tst: 1_700_000_000 };
  expect((await manager("POST /decoders/owntracks/test", asSent)).body).toMatchObject({ readings: [{ lat: 48 }] });
  const raw = await manager("POST /decoders/native/test", "\u0001", { "Content-Type": "application/octet-stream" });
  expect(raw).toMatchObject({ status: 200, body: { readings: [], rejections: [{ reason: "unsupported" }] } });
  const ts = 1_700_000_000_000;
  for (const [kind, fields] of [
    ["gps", { lat: 48, lon: 11 }],
    ["rfid", { epc: "3034257BF7194E4000001A85" }],
    ["scale", { weight: 1, unit: "kg" }],
    ["env", { celsius: 4 }],
    ["scan", { code: "x" }],
  ] as const) {
    expect((await manager("POST /decoders/native/test", [{ ts, ...fields }])).body).toMatchObject({
      readings: [{ kind }],
    });
  }
  const line = await manager("POST /decoders/scale-line/test", "ST,GS,+  12.345kg", {
    "Content-Type": "application/json",
  });
  expect(line.body).toMatchObject({ readings: [{ grams: 12_345 }] });
  expect((await manager("POST /decoders/unknown/test", sample)).status).toBe(404);
  expect((await manager("GET /epc/3074257BF7194E4000001A85")).body).toMatchObject({ scheme: "sgtin" });
});
