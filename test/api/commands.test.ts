import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startApi, type TestApi } from "./support.ts";

describe("what devices are asked and told", () => {
  let api: TestApi;
  let manager: Awaited<ReturnType<TestApi["as"]>>;
  beforeAll(async () => {
    api = await startApi();
    manager = await api.as("manager");
    await manager("POST /devices", { id: "scale-1", kind: "scale" });
  });
  afterAll(() => api?.close());

  it("a command is kept, shown with its state, and audited", async () => {
    const asked = await manager("POST /devices/scale-1/commands", { type: "set_interval", args: { seconds: 5 } });
    expect(asked.status).toBe(201);
    expect(asked.body).toMatchObject({
      device_id: "scale-1",
      type: "set_interval",
      args: { seconds: 5 },
      state: "waiting",
      result: null,
      delivered_at: null,
    });
    const at = asked.headers.get("location")!;
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

  it("refuses what cannot be asked, and who may not ask", async () => {
    const ask = (body: unknown) => manager("POST /devices/scale-1/commands", body);
    expect((await ask({})).status).toBe(400);
    expect((await ask({ type: "Tare!" })).status).toBe(400);
    expect((await ask({ type: "tare", expires_at: "2020-01-01T00:00:00Z" })).status).toBe(400);
    expect((await ask({ type: "tare", expires_at: "2100-01-01T00:00:00Z" })).status).toBe(400);
    expect((await ask({ type: "tare", when: "now" })).status).toBe(400);
    expect((await manager("POST /devices/none/commands", { type: "tare" })).status).toBe(404);
    expect((await manager("GET /devices/scale-1/commands/999999")).status).toBe(404);
    const operator = await api.as("operator");
    expect((await operator("POST /devices/scale-1/commands", { type: "tare" })).status).toBe(403);
  });

  it("a profile shows its key once, and is deleted", async () => {
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

  it("the MQTT side is described for everybody, from the schemas that check it", async () => {
    const response = await api.app.request("/asyncapi.json");
    expect(response.status).toBe(200);
    interface Document {
      asyncapi: string;
      channels: Record<string, { address: string; messages: Record<string, { $ref: string }> }>;
      operations: Record<string, { action: string; channel: { $ref: string } }>;
      components: { messages: Record<string, { payload: { oneOf?: Array<{ required?: string[] }> } }> };
    }
    const document = (await response.json()) as Document;
    expect(document.asyncapi).toBe("3.0.0");
    const addresses = Object.values(document.channels).map(({ address }) => address);
    for (const kind of ["gps", "rfid", "scale", "env", "scan", "status", "raw", "cmd", "cmd/ack", "errors"]) {
      expect(addresses).toContain(`devices/{id}/${kind}`);
    }
    expect(document.components.messages.gps!.payload.oneOf![0]!.required).toEqual(["ts", "lat", "lon"]);
    expect(document.operations.command!.action).toBe("send");
    expect(document.operations.gps!.action).toBe("receive");
    // Every reference leads somewhere.
    for (const ref of JSON.stringify(document).matchAll(/"\$ref":"#\/([^"]+)"/g)) {
      const target = ref[1]!.split("/").reduce<unknown>((at, key) => (at as Record<string, unknown>)?.[key], document);
      expect(target, ref[1]).toBeDefined();
    }
  });
});
