import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { eventually } from "../platform.ts";
import { publishPacket } from "../raw-client.ts";
import {
  acknowledge,
  commandIds,
  expectNothing,
  GatewayPlatform,
  next,
  pause,
  type Received,
  received,
  subscribe,
  take,
} from "./gateway-platform.ts";

describe("messages to devices behind a gateway", () => {
  let test: GatewayPlatform;

  beforeAll(async () => {
    test = await GatewayPlatform.start();
    await test.device("scale-1");
  });
  afterAll(() => test?.platform.close());
  beforeEach(() => test.clear());

  it("commands reach the gateway of a device that has never connected, and the result that it tells is recorded", async () => {
    const client = await test.gateway();
    const id = await test.put("behind-1", "cmd");
    const message = await take(client);
    expect(message).toMatchObject({ topic: "devices/behind-1/cmd", qos: 1, retain: false });
    expect(JSON.parse(message.payload.toString())).toMatchObject({ id, type: "tare", args: {} });
    await eventually(() => test.isDelivered(id));
    client.send(publishPacket("devices/behind-1/cmd/ack", JSON.stringify({ id, ok: true }), 1, 7));
    await eventually(async () => (await test.row(id))?.result);
    expect((await test.row(id))?.result).toEqual({ ok: true });
  });

  it("error reports reach it too, and go once it has acknowledged them", async () => {
    const client = await test.gateway(["devices/behind-1/errors"]);
    const id = await test.put("behind-1", "errors", { quarantined: 1 });
    const message = await next(client);
    expect(message.topic).toBe("devices/behind-1/errors");
    expect(message.payload.toString()).toBe('{"quarantined":1}');
    expect(await test.isGone(id)).toBe(false);
    acknowledge(client, message);
    await eventually(() => test.isGone(id));
  });

  it("a device that connects itself gets its report although a gateway had it, which gets it again only when errors join it", async () => {
    (await test.join("scale-1")).destroy();
    await eventually(
      async () =>
        (await test.platform.pool.query("SELECT FROM device_connections WHERE device_id = 'scale-1'")).rowCount === 1,
    );
    const client = await test.gateway(["devices/+/cmd", "devices/+/errors"]);
    const id = await test.put("scale-1", "errors", { quarantined: 1 });
    await take(client);
    await test.notify("scale-1");
    await expectNothing(client);
    await test.platform.pool.query("UPDATE device_messages SET payload = $1", [{ quarantined: 2 }]);
    await test.notify("scale-1");
    expect((await take(client)).payload.toString()).toBe('{"quarantined":2}');
    await expectNothing(client);
    expect(await test.isGone(id)).toBe(false);

    const device = await test.join("scale-1");
    await subscribe(device, ["devices/scale-1/errors", "devices/scale-1/cmd"]);
    expect((await take(device)).payload.toString()).toBe('{"quarantined":2}');
    await eventually(() => test.isGone(id));
    const command = await test.put("scale-1", "cmd");
    await take(device);
    await take(client);
    expect([commandIds(device).at(-1), commandIds(client).at(-1)]).toEqual([command, command]);
  });

  it.each([true, false])("a PUBACK counts for the message whose packet id it has (clean session %s)", async (clean) => {
    const client = await test.gateway(["devices/+/cmd"], { clientId: `gateway/${clean}`, clean });
    const first = await test.put("behind-1", "cmd");
    const later = await test.put("behind-1", "cmd");
    const second = await test.put("behind-2", "cmd");
    const messages = [await next(client), await next(client)];
    const of = (id: number): Received => messages.find(({ payload }) => payload.includes(`"id":${id},`))!;
    acknowledge(client, of(second));
    await eventually(() => test.isDelivered(second));
    await pause(100);
    expect([await test.isDelivered(first), commandIds(client).length]).toEqual([false, 2]);
    // No message was sent with these.
    for (const messageId of [60_000, 60_001]) client.send({ cmd: "puback", messageId });
    await pause(100);
    expect([await test.isDelivered(first), commandIds(client).length]).toEqual([false, 2]);
    acknowledge(client, of(first));
    await take(client);
    await eventually(() => test.isDelivered(later));
    expect(await test.isDelivered(first)).toBe(true);
    expect(commandIds(client).at(-1)).toBe(later);
  });

  it("messages of devices go to no account that has not subscribed to them or may not, and to no stranger", async () => {
    await test.account("bridge", ["plant/#", "devices/behind-2/cmd"]);
    const bridge = await test.join("bridge");
    await subscribe(bridge, ["plant/#", "devices/behind-2/cmd"]);
    bridge.send({ cmd: "subscribe", messageId: 2, subscriptions: [{ topic: "devices/+/cmd", qos: 1 }] });
    expect(await bridge.next("suback")).toMatchObject({ granted: [0x80] });
    const unsubscribed = await test.gateway();
    unsubscribed.send({ cmd: "unsubscribe", messageId: 3, unsubscriptions: ["devices/+/cmd"] });
    await unsubscribed.next("unsuback");
    const stranger = await test.connect({ clientId: "without-credentials" });
    await subscribe(stranger, ["#", "+/+/cmd"]);
    const id = await test.put("behind-1", "cmd");
    await test.put("behind-1", "errors");
    const own = await test.put("behind-2", "cmd");
    await take(bridge);
    await Promise.all([bridge, unsubscribed, stranger].map(expectNothing));
    expect([commandIds(bridge), received(unsubscribed), received(stranger)]).toEqual([[own], [], []]);
    expect(await test.isDelivered(id)).toBe(false);
  });

  it("an account is not taken for a device of its id: it gets what its filters say, and others get theirs", async () => {
    await test.account("twin", ["devices/other/cmd", "devices/twin/errors"]);
    const twin = await test.join("twin");
    await subscribe(twin, ["devices/other/cmd", "devices/twin/errors"]);
    const client = await test.gateway(["devices/+/cmd", "devices/+/errors"]);
    const command = await test.put("twin", "cmd");
    const report = await test.put("twin", "errors");
    await take(client);
    expect(commandIds(client)).toEqual([command]);
    expect((await next(twin)).topic).toBe("devices/twin/errors");
    expect((await take(client)).topic).toBe("devices/twin/errors");
    await eventually(() => test.isGone(report));
    await expectNothing(twin);
  });

  it("the highest QoS of the filters that match counts; at QoS 0 what is written is delivered", async () => {
    const client = await test.join("gateway");
    await subscribe(client, ["devices/+/cmd", "devices/+/errors"], 0);
    const command = await test.put("behind-1", "cmd");
    expect(await next(client)).toMatchObject({ qos: 0 });
    await eventually(() => test.isDelivered(command));
    const report = await test.put("behind-1", "errors");
    expect(await next(client)).toMatchObject({ qos: 0 });
    await eventually(() => test.isGone(report));
    await subscribe(client, ["devices/behind-1/cmd"], 1);
    await test.put("behind-1", "cmd");
    expect(await take(client)).toMatchObject({ qos: 1 });
  });

  it("what a device is answered in its own protocol goes to the gateway when the device is not connected itself", async () => {
    await test.account("edge-gateway", ["spBv1.0/+/NCMD/+"]);
    const client = await test.join("edge-gateway");
    await subscribe(client, ["spBv1.0/+/NCMD/+"]);
    const reply = (device: string, topic: string) => {
      const notice = { device, topic, payload: Buffer.from("rebirth").toString("base64") };
      return test.platform.pool.query("SELECT pg_notify('device_replies', $1)", [JSON.stringify(notice)]);
    };
    await test.join("scale-1");
    await reply("scale-1", "spBv1.0/plant/NCMD/scale-1");
    await reply("behind-1", "v1/devices/me/rpc/response/1");
    await reply("behind-1", "spBv1.0/plant/NCMD/behind-1");
    const topic = "spBv1.0/plant/NCMD/behind-1";
    expect(await next(client)).toMatchObject({ topic, qos: 0, payload: Buffer.from("rebirth") });
    await expectNothing(client);
  });
});
