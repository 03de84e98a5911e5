import { connectAsync } from "mqtt";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startPlatform, type TestPlatform } from "../support/platform.ts";

let platform: TestPlatform;
beforeAll(async () => {
  platform = await startPlatform({ environment: { CONNECTS_PER_MINUTE: "1000" } });
}, 60_000);
afterAll(() => platform?.close());

const join = (clientId: string, username: string, password?: string) =>
  connectAsync(platform.mqtt, {
    clientId,
    username,
    ...(password === undefined ? {} : { password }),
    reconnectPeriod: 0,
  });

test("a device connects with the token the API gave it, and the API takes it for nobody's", async () => {
  for (const id of ["phone-1", "phone-2"]) await platform.call("POST", "/devices", { id, kind: "gps" });
  const given = await platform.call<{ token: string; expires_in: number; expires_at: string }>(
    "POST",
    "/devices/phone-1/tokens",
    { expires_in: 600 },
  );
  expect(given.expires_in).toBe(600);
  expect(Math.abs(Date.parse(given.expires_at) - Date.now() - 600_000)).toBeLessThan(30_000);
  const client = await join("phone-1", "phone-1", given.token);
  await client.publishAsync("devices/phone-1/status", '{"state":"online"}', { qos: 1 });
  await client.endAsync();
  await expect(join("phone-2", "phone-2", given.token)).rejects.toThrow();
  const asUser = await fetch(`${platform.api}/devices`, { headers: { authorization: `Bearer ${given.token}` } });
  expect(asUser.status).toBe(401);
  await platform.call("POST", "/devices/phone-1/tokens", { expires_in: 59 }, 400);
  await platform.call("POST", "/devices/nobody/tokens", {}, 404);
}, 60_000);
