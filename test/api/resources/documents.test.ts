import { afterAll, beforeAll, expect, test } from "vitest";
import { startApi, type TestApi } from "../support.ts";

let api: TestApi;
beforeAll(async () => {
  api = await startApi();
});
afterAll(() => api.close());

test("the AsyncAPI document is public and describes the MQTT interface", async () => {
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
  for (const several of ["gps", "status", "commandAnswer"])
    expect(document.components.messages[several]!.payload.oneOf![1]).toMatchObject({ type: "array", maxItems: 500 });
  expect(document.operations.command!.action).toBe("send");
  expect(document.operations.gps!.action).toBe("receive");
  // Every message that is not bytes has an example, and every measured value its unit.
  const { messages } = document.components as {
    messages: Record<string, { contentType?: string; examples?: unknown[] }>;
  };
  for (const [name, message] of Object.entries(messages)) {
    expect([name, message.contentType !== undefined || message.examples?.length === 1]).toEqual([name, true]);
  }
  const gps = document.components.messages.gps!.payload.oneOf![0] as {
    properties: Record<string, { description?: string }>;
  };
  for (const field of ["lat", "lon", "accuracy", "speed", "heading", "altitude", "battery"]) {
    expect(gps.properties[field]!.description, field).toMatch(/degrees|metres|0 to 1/);
  }
  // Every $ref resolves.
  for (const ref of JSON.stringify(document).matchAll(/"\$ref":"#\/([^"]+)"/g)) {
    const target = ref[1]!.split("/").reduce<unknown>((at, key) => (at as Record<string, unknown>)?.[key], document);
    expect(target, ref[1]).toBeDefined();
  }
});
