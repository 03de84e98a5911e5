import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startApi, type TestApi } from "../support.ts";

describe("commands to devices", () => {
  let api: TestApi;
  let manager: Awaited<ReturnType<TestApi["as"]>>;
  beforeAll(async () => {
    api = await startApi();
    manager = await api.as("manager");
    await manager("POST /devices", { id: "scale-1", kind: "scale" });
  });
  afterAll(() => api?.close());

  it("are stored, shown with their state, and audited", async () => {
    const sent = await manager("POST /devices/scale-1/commands", { type: "set_interval", args: { seconds: 5 } });
    expect(sent.status).toBe(201);
    expect(sent.body).toMatchObject({
      device_id: "scale-1",
      type: "set_interval",
      args: { seconds: 5 },
      state: "waiting",
      result: null,
      delivered_at: null,
    });
    const at = sent.headers.get("location")!;
    const state = async () => (await manager(`GET ${at}`)).body.state;
    await api.db.pool.query("UPDATE device_messages SET delivered_at = now()");
    expect(await state()).toBe("delivered");
    await api.db.pool.query("UPDATE device_messages SET acknowledged_at = now(), result = '{\"ok\": true}'");
    expect(await state()).toBe("done");
    await api.db.pool.query('UPDATE device_messages SET result = \'{"ok": false, "error": "jammed"}\'');
    expect((await manager(`GET ${at}`)).body).toMatchObject({
      state: "failed",
      result: { ok: false, error: "jammed" },
    });
    await manager("POST /devices/scale-1/commands", { type: "tare" });
    const all = (await manager("GET /devices/scale-1/commands")).body as unknown as Array<{ type: string }>;
    expect(all.map(({ type }) => type)).toEqual(["tare", "set_interval"]);
    await api.db.pool.query(
      "UPDATE device_messages SET expires_at = now() - interval '1 s' WHERE payload ->> 'type' = 'tare'",
    );
    const [newest] = (await manager("GET /devices/scale-1/commands?limit=1")).body as unknown as Array<{
      state: string;
    }>;
    expect(newest!.state).toBe("expired");
    const { rows } = await api.db.pool.query("SELECT action, subject FROM audit WHERE action LIKE '%commands%'");
    expect(rows.length).toBe(2);
  });

  it("are refused when invalid, and to roles other than managers", async () => {
    const send = (body: unknown) => manager("POST /devices/scale-1/commands", body);
    expect((await send({})).status).toBe(400);
    expect((await send({ type: "Tare!" })).status).toBe(400);
    expect((await send({ type: "tare", expires_at: "2020-01-01T00:00:00Z" })).status).toBe(400);
    expect((await send({ type: "tare", expires_at: "2100-01-01T00:00:00Z" })).status).toBe(400);
    expect((await send({ type: "tare", when: "now" })).status).toBe(400);
    expect((await manager("POST /devices/none/commands", { type: "tare" })).status).toBe(404);
    expect((await manager("GET /devices/scale-1/commands/999999")).status).toBe(404);
    const operator = await api.as("operator");
    expect((await operator("POST /devices/scale-1/commands", { type: "tare" })).status).toBe(403);
  });
});
