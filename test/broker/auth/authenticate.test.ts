import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { requires } from "../../support/requires.ts";
import { addDevice, eventually, sha256, startPlatform, type TestPlatform } from "../platform.ts";
import { connectRaw, type Introduction, publishPacket } from "../raw-client.ts";

const run = promisify(execFile);
const mosquittoPub = requires("mosquitto_pub");

describe("connecting", () => {
  let platform: TestPlatform;
  let secret: string;
  const returnCode = async (who: Introduction): Promise<number> => {
    const { client, returnCode } = await connectRaw(platform.port, who);
    client.destroy();
    return returnCode;
  };
  const welcome = (who: Introduction) =>
    eventually(async () => {
      const connected = await connectRaw(platform.port, who);
      return connected.returnCode === 0 ? connected.client : undefined;
    });

  beforeAll(async () => {
    platform = await startPlatform({ connectsPerMinute: 1000 });
    secret = await addDevice(platform.pool, "gate-1");
    const client = await welcome({ clientId: "gate-1", username: "gate-1", password: secret });
    client.destroy();
  });
  afterAll(() => platform?.close());

  it("a device connects with its id and secret, and under no other client id", async () => {
    expect(await returnCode({ clientId: "gate-1", username: "gate-1", password: secret })).toBe(0);
    expect(await returnCode({ clientId: "gate-1", username: "gate-1", password: `${secret}x` })).toBe(4);
    expect(await returnCode({ clientId: "gate-1", username: "gate-1" })).toBe(4);
    expect(await returnCode({ clientId: "gate-2", username: "gate-1", password: secret })).toBe(5);
    expect(await returnCode({ clientId: "gate-2", username: "gate-2", password: secret })).toBe(4);
    expect(await returnCode({ clientId: "gate-1" })).toBe(5);
    expect(await returnCode({ clientId: "__proto__", username: "__proto__", password: secret })).toBe(4);
    expect(await returnCode({ clientId: "constructor", username: "constructor", password: "" })).toBe(4);
  });

  it("a device that was just added connects before the notification of it arrives", async () => {
    for (let n = 0; n < 30; n += 1) {
      const id = `new-${n}`;
      const password = await addDevice(platform.pool, id);
      expect(await returnCode({ clientId: id, username: id, password })).toBe(0);
    }
  });

  it("other credentials do not take over a device's session: its connection stays", async () => {
    await addDevice(platform.pool, "gate-3");
    const otherSecret = await addDevice(platform.pool, "gate-4");
    const holder = await welcome({ clientId: "gate-1", username: "gate-1", password: secret });
    await welcome({ clientId: "gate-4", username: "gate-4", password: otherSecret }).then((client) => client.destroy());
    expect(await returnCode({ clientId: "gate-1", username: "gate-4", password: otherSecret })).toBe(5);
    holder.send({ cmd: "pingreq" });
    await holder.next("pingresp");
    holder.destroy();
  });

  it.each(["pending", "suspended", "retired"])(
    "a device that is %s is refused, and its open connection closed within 1 s",
    async (state) => {
      const id = `state-${state}`;
      const who = { clientId: id, username: id, password: await addDevice(platform.pool, id) };
      const client = await welcome(who);
      await platform.pool.query("UPDATE devices SET state = $2 WHERE id = $1", [id, state]);
      await client.closed(1000);
      expect(await returnCode(who)).toBe(5);
    },
  );

  it("two secrets are valid during a rotation, and a connection with the revoked one is closed within 1 s", async () => {
    const id = "rotating";
    const first = await addDevice(platform.pool, id);
    const old = await welcome({ clientId: id, username: id, password: first });
    const add = (text: string) =>
      platform.pool.query("INSERT INTO device_credentials (device_id, secret_sha256) VALUES ($1, $2)", [
        id,
        sha256(text),
      ]);
    await add("second");
    await welcome({ clientId: id, username: id, password: "second" });
    await old.closed(1000);
    const again = await welcome({ clientId: id, username: id, password: first });
    await add("third");
    await again.closed(1000);
    expect(await returnCode({ clientId: id, username: id, password: first })).toBe(4);
    expect(await returnCode({ clientId: id, username: id, password: "second" })).toBe(0);
    expect(await returnCode({ clientId: id, username: id, password: "third" })).toBe(0);
  });

  it("a service account connects only under its id or below it, and uses only its filters", async () => {
    await platform.pool.query("INSERT INTO service_accounts (id, secret_sha256, filters) VALUES ('bridge', $1, $2)", [
      sha256("bridge secret"),
      { publish: ["devices/+/gps", "plant/#"], subscribe: ["plant/#"] },
    ]);
    const who = { clientId: "bridge/north", username: "bridge", password: "bridge secret" };
    const client = await welcome(who);
    client.send(publishPacket("devices/gate-1/gps", "{}", 1, 1));
    await client.next("puback");
    client.send({
      cmd: "subscribe",
      messageId: 2,
      subscriptions: [
        { topic: "plant/a/+", qos: 1 },
        { topic: "devices/#", qos: 1 },
      ],
    });
    expect(await client.next("suback")).toMatchObject({ granted: [1, 0x80] });
    client.send(publishPacket("plant/a/b", "hello", 1, 3));
    expect(await client.next("publish")).toMatchObject({ topic: "plant/a/b" });
    client.send(publishPacket("devices/gate-1/rfid", "{}", 1, 4));
    await client.closed();
    expect(await returnCode({ ...who, clientId: "gate-1" })).toBe(5);
    expect((await platform.journalled()).at(-1)).toMatchObject({ clientId: "bridge", topic: "devices/gate-1/gps" });
  });

  it("a password may contain U+0000: it is bytes, not text", async () => {
    const id = "zero-byte";
    await platform.pool.query("INSERT INTO devices (id, kind) VALUES ($1, 'gps')", [id]);
    await platform.pool.query("INSERT INTO device_credentials (device_id, secret_sha256) VALUES ($1, $2)", [
      id,
      sha256("a\0b"),
    ]);
    (await welcome({ clientId: id, username: id, password: "a\0b" })).destroy();
  });

  it("a forbidden publish closes the connection and is audited", async () => {
    const client = await welcome({ clientId: "gate-1", username: "gate-1", password: secret });
    client.send(publishPacket("devices/gate-4/rfid", "{}", 1, 4));
    await client.closed();
    const row = await eventually(async () => {
      const { rows } = await platform.pool.query(
        "SELECT * FROM audit WHERE actor = 'gate-1' AND action = 'mqtt.publish'",
      );
      return rows[0] as { subject: string; outcome: string } | undefined;
    });
    expect(row).toMatchObject({ subject: "devices/gate-4/rfid", outcome: "refused" });
  });

  it.skipIf(!mosquittoPub)(
    "mosquitto_pub is accepted with the right secret and told the reason otherwise",
    async () => {
      const publish = (password: string, topic: string) =>
        run(mosquittoPub!, [
          "-p",
          String(platform.port),
          "-i",
          "gate-1",
          "-u",
          "gate-1",
          "-P",
          password,
          "-q",
          "1",
          "-t",
          topic,
          "-m",
          "{}",
        ]);
      await publish(secret, "devices/gate-1/rfid");
      await expect(publish("wrong", "devices/gate-1/rfid")).rejects.toThrow(/not authori[sz]ed|refused/i);
      await expect(publish(secret, "devices/gate-4/rfid")).rejects.toThrow();
      const topics = (await platform.journalled()).map(({ topic }) => topic);
      expect(topics).toContain("devices/gate-1/rfid");
      expect(topics).not.toContain("devices/gate-4/rfid");
    },
  );
});
