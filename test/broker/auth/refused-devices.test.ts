import { pino } from "pino";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { addDevice, eventually, startPlatform, type TestPlatform } from "../platform.ts";
import { connectRaw, publishPacket, type RawClient } from "../raw-client.ts";

/** A device with the right secret and the wrong firmware. */
describe("a device that is refused again and again", () => {
  const warnings: Array<{ level: number; client?: string; refused?: string; detail?: string }> = [];
  const log = pino({ level: "warn" }, { write: (line: string) => void warnings.push(JSON.parse(line)) });
  let platform: TestPlatform;
  beforeAll(async () => {
    platform = await startPlatform({ connectsPerMinute: 5 }, undefined, log);
  });
  afterAll(() => platform?.close());

  async function connect(id: string, password: string): Promise<{ client: RawClient; returnCode: number }> {
    return await connectRaw(platform.port, { clientId: id, username: id, password });
  }
  const warningsOf = (id: string) => warnings.filter(({ client }) => client === id).map(({ refused }) => refused);
  /** what the API shows of the device, once the broker has written it */
  const row = (id: string, times: number) =>
    eventually(async () => {
      const { rows } = await platform.pool.query(
        "SELECT kind, detail, times FROM device_warnings WHERE device_id = $1",
        [id],
      );
      return Number(rows[0]?.times) === times && rows;
    });
  const auditOf = async (id: string, action: string): Promise<number> => {
    const query = "SELECT count(*)::int AS rows FROM audit WHERE actor = $1 AND action = $2";
    return (await platform.pool.query(query, [id, action])).rows[0].rows;
  };

  it("flapping: CONNACK 3 with one more connection than allowed and for five minutes, and one warning", async () => {
    const password = await addDevice(platform.pool, "flapping");
    for (let n = 0; n < 5; n++) {
      const { client, returnCode } = await connect("flapping", password);
      expect(returnCode).toBe(0);
      client.destroy();
    }
    for (let n = 0; n < 20; n++) expect((await connect("flapping", password)).returnCode).toBe(3);
    expect(await row("flapping", 20)).toMatchObject([{ kind: "flapping" }]);
    expect(warningsOf("flapping")).toEqual(["flapping"]);
    await eventually(async () => (await auditOf("flapping", "mqtt.connect")) === 1);
  });

  it("a forbidden publish closes the connection; it is audited, and there is one warning", async () => {
    const password = await addDevice(platform.pool, "talker");
    for (let n = 0; n < 4; n++) {
      const { client, returnCode } = await connect("talker", password);
      expect(returnCode).toBe(0);
      for (let m = 0; m < 10; m++) client.send(publishPacket("devices/other/gps", "{}", 1, 1));
      await client.closed();
    }
    const rows = await eventually(async () => {
      const { rows } = await platform.pool.query(
        "SELECT kind, detail, times FROM device_warnings WHERE device_id = 'talker'",
      );
      return Number(rows[0]?.times) >= 4 && rows;
    });
    expect(rows).toMatchObject([{ kind: "forbidden_publish", detail: "devices/other/gps" }]);
    expect(warningsOf("talker")).toEqual(["forbidden_publish"]);
    await eventually(async () => (await auditOf("talker", "mqtt.publish")) > 0);
  });

  it("a forbidden filter is answered with 0x80 however often; there is one warning", async () => {
    const { client } = await connect("listener", await addDevice(platform.pool, "listener", 0));
    for (let messageId = 1; messageId <= 100; messageId++)
      client.send({
        cmd: "subscribe",
        messageId,
        subscriptions: [{ topic: `devices/other-${messageId}/cmd`, qos: 1 }],
      });
    await eventually(() => client.received.filter(({ cmd }) => cmd === "suback").length === 100);
    expect(
      client.received.filter((packet) => packet.cmd === "suback").every(({ granted }) => granted[0] === 0x80),
    ).toBe(true);
    expect(await row("listener", 100)).toMatchObject([
      { kind: "forbidden_subscribe", detail: "devices/other-100/cmd" },
    ]);
    expect(warningsOf("listener")).toEqual(["forbidden_subscribe"]);
    client.destroy();
  });

  it("a forbidden will is refused, and there is one warning", async () => {
    const password = await addDevice(platform.pool, "mortal");
    const will = { topic: "devices/other/status", payload: Buffer.from("{}"), qos: 1 as const, retain: false };
    for (let n = 0; n < 3; n++) {
      const { returnCode } = await connectRaw(platform.port, {
        clientId: "mortal",
        username: "mortal",
        password,
        will,
      });
      expect(returnCode).toBe(5);
    }
    expect(await row("mortal", 3)).toMatchObject([{ kind: "forbidden_publish", detail: "devices/other/status" }]);
    expect(warningsOf("mortal")).toEqual(["forbidden_publish"]);
  });
});
