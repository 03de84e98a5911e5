import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { eventually } from "../platform.ts";
import type { RawClient } from "../raw-client.ts";
import {
  acknowledge,
  commandIds,
  expectNothing,
  GatewayPlatform,
  received,
  subscribe,
  take,
} from "./gateway-platform.ts";

describe("messages that wait for devices behind a gateway", () => {
  let test: GatewayPlatform;

  beforeAll(async () => {
    test = await GatewayPlatform.start();
    await test.device("scale-1");
  });
  afterAll(() => test?.platform.close());
  beforeEach(() => test.clear());

  it("are sent when it subscribes, once on each connection, in order of each device", async () => {
    const ids: { [device: string]: number[] } = { "behind-1": [], "behind-2": [] };
    for (let n = 0; n < 3; n++)
      for (const [device, own] of Object.entries(ids)) own.push(await test.putSilently(device, "cmd"));
    const expired = ids["behind-2"]!.pop();
    await test.platform.pool.query("UPDATE device_messages SET expires_at = now() WHERE id = $1", [expired]);
    const takesAll = async (client: RawClient): Promise<void> => {
      for (let n = 0; n < 5; n++) await take(client);
      for (const [device, own] of Object.entries(ids)) expect(commandIds(client, device)).toEqual(own);
    };
    const client = await test.gateway();
    await takesAll(client);
    await subscribe(client, ["devices/behind-1/cmd", "devices/+/cmd"]);
    await expectNothing(client);
    await takesAll(await test.gateway(["devices/behind-1/cmd", "devices/behind-2/cmd"]));
    await eventually(() => test.isDelivered(ids["behind-1"]!.at(-1)!));
  });

  it("reach a session that goes on without another SUBSCRIBE", async () => {
    const options = { clientId: "gateway/persistent", clean: false };
    (await test.gateway(["devices/+/cmd"], options)).destroy();
    await eventually(() => test.platform.broker.connections() === 0);
    const id = await test.put("behind-1", "cmd");
    const client = await test.join("gateway", options);
    await take(client);
    expect(commandIds(client)).toEqual([id]);
  });

  it("of many devices: few are in flight, nobody else waits for a slow gateway, and each comes once", async () => {
    await test.platform.pool.query(
      `INSERT INTO device_messages (device_id, channel, payload, expires_at)
       SELECT 'many-' || n, 'cmd', '{"type":"tare","args":{}}', now() + interval '1 hour' FROM generate_series(1, 60) n`,
    );
    const slow = await test.gateway();
    await eventually(() => received(slow).length === 16);
    const device = await test.join("scale-1");
    await subscribe(device, ["devices/scale-1/cmd"]);
    const own = await test.put("scale-1", "cmd");
    await take(device);
    expect(commandIds(device)).toEqual([own]);
    await eventually(() => test.isDelivered(own));
    expect(received(slow)).toHaveLength(16);
    const quick = await test.gateway(["devices/+/cmd"], { clientId: "gateway/quick" });
    for (let n = 0; n < 61; n++) await take(quick);
    for (const message of received(slow)) acknowledge(slow, message);
    for (let n = 0; n < 16; n++) await slow.next("publish");
    for (let n = 16; n < 61; n++) await take(slow);
    await Promise.all([slow, quick].map(expectNothing));
    for (const client of [slow, quick]) expect(new Set(commandIds(client)).size).toBe(61);
  });

  it("are sent when the broker hears notices again, after it has missed some", async () => {
    const client = await test.gateway();
    const id = await test.putSilently("behind-1", "cmd");
    await expectNothing(client);
    await test.platform.pool.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
        WHERE datname = current_database() AND application_name LIKE '%listener'`,
    );
    await take(client);
    expect(commandIds(client)).toEqual([id]);
  });
});
