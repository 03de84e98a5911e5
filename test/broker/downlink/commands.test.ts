import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { addDevice, eventually, startPlatform, type TestPlatform } from "../platform.ts";
import { connectRaw, publishPacket, type RawClient } from "../raw-client.ts";

describe("commands", () => {
  let platform: TestPlatform;
  let password: string;
  beforeAll(async () => {
    platform = await startPlatform({ connectsPerMinute: 1000 });
    password = await addDevice(platform.pool, "scale-1", 0);
    await addDevice(platform.pool, "scale-2", 0);
  });
  afterAll(() => platform?.close());

  async function join(): Promise<RawClient> {
    const client = await eventually(async () => {
      const tried = await connectRaw(platform.port, { clientId: "scale-1", username: "scale-1", password });
      return tried.returnCode === 0 && tried.client;
    });
    client.send({ cmd: "subscribe", messageId: 1, subscriptions: [{ topic: "devices/scale-1/cmd", qos: 1 }] });
    await client.next("suback");
    return client;
  }
  async function ask(type: string, expiresIn = "1 hour", device = "scale-1"): Promise<number> {
    const { rows } = await platform.pool.query<{ id: number }>(
      `INSERT INTO device_messages (device_id, channel, payload, expires_at)
       VALUES ($1, 'cmd', jsonb_build_object('type', $2::text, 'args', '{}'::jsonb), now() + $3::interval)
       RETURNING id, pg_notify('device_messages', $1)`,
      [device, type, expiresIn],
    );
    return rows[0]!.id;
  }
  interface Received {
    id: number;
    type: string;
    args: object;
    expiresAt: string;
  }
  /** Receives the next command and sends PUBACK. */
  async function take(client: RawClient): Promise<Received> {
    const packet = (await client.next("publish")) as { payload: Buffer; messageId: number; retain: boolean };
    expect(packet.retain).toBe(false);
    client.send({ cmd: "puback", messageId: packet.messageId });
    return JSON.parse(packet.payload.toString()) as Received;
  }
  const answer = async (client: RawClient, body: unknown): Promise<void> => {
    client.send(publishPacket("devices/scale-1/cmd/ack", JSON.stringify(body), 1, 7));
    await client.next("puback");
  };
  const row = async (id: number) => {
    const { rows } = await platform.pool.query<{ delivered_at: Date | null; result: unknown }>(
      "SELECT delivered_at, result FROM device_messages WHERE id = $1",
      [id],
    );
    return rows[0]!;
  };

  it("reach a device with id, type, args and expiresAt, and its acknowledgement is recorded", async () => {
    const client = await join();
    const id = await ask("tare");
    const command = await take(client);
    expect(command).toMatchObject({ id, type: "tare", args: {} });
    expect(Date.parse(command.expiresAt)).toBeGreaterThan(Date.now());
    await answer(client, { id, ok: false, error: "the pan is not empty" });
    await eventually(async () => (await row(id)).result);
    expect((await row(id)).result).toEqual({ ok: false, error: "the pan is not empty" });
    // The first acknowledgement counts.
    await answer(client, { id, ok: true });
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect((await row(id)).result).toEqual({ ok: false, error: "the pan is not empty" });
    client.destroy();
  });

  it("are sent once on each new connection, in order, until they are acknowledged or expire", async () => {
    const [first, second] = [await ask("set_interval"), await ask("inventory_start")];
    await ask("too_late", "-1 second");
    const forgetful = await join();
    expect([(await take(forgetful)).id, (await take(forgetful)).id]).toEqual([first, second]);
    await eventually(async () => (await row(second)).delivered_at);
    const third = await ask("inventory_stop");
    expect((await take(forgetful)).id).toBe(third);
    await answer(forgetful, { id: first, ok: true });
    await eventually(async () => (await row(first)).result);
    forgetful.destroy();
    const back = await join();
    expect([(await take(back)).id, (await take(back)).id]).toEqual([second, third]);
    for (const id of [second, third]) await answer(back, { id, ok: true });
    await eventually(async () => (await row(third)).result);
    back.destroy();
    const idle = await join();
    await expect(idle.next("publish", 200)).rejects.toThrow();
    idle.destroy();
  });

  it("an acknowledgement with characters that Postgres rejects does not block others", async () => {
    const [odd, plain] = [await ask("tare"), await ask("tare")];
    const client = await join();
    for (const id of [odd, plain]) expect((await take(client)).id).toBe(id);
    await answer(client, { id: odd, ok: false, error: "zero \u0000, half \ud800" });
    await answer(client, { id: plain, ok: true });
    await eventually(async () => (await row(plain)).result, 10_000);
    expect((await row(odd)).result).toEqual({ ok: false, error: "zero \ufffd, half \ufffd" });
    client.destroy();
  });

  it("several are acknowledged in one message; what is none among them does no harm", async () => {
    const ids = [await ask("tare"), await ask("tare")];
    const client = await join();
    for (const id of ids) expect((await take(client)).id).toBe(id);
    await answer(client, [{ id: ids[0], ok: true }, "nonsense", { id: ids[1], ok: false, error: "busy" }]);
    await eventually(async () => (await row(ids[1]!)).result);
    expect((await row(ids[0]!)).result).toEqual({ ok: true });
    expect((await row(ids[1]!)).result).toEqual({ ok: false, error: "busy" });
    client.destroy();
  });

  it("cannot be acknowledged by another device, nor with an invalid payload", async () => {
    const id = await ask("tare", "1 hour", "scale-2");
    const client = await join();
    await answer(client, { id, ok: true });
    for (const nonsense of ["x", { id: "many", ok: true }, { id, ok: "yes" }, [id], null])
      await answer(client, nonsense);
    const own = await ask("tare");
    expect((await take(client)).id).toBe(own);
    await answer(client, { id: String(own), ok: true });
    await eventually(async () => (await row(own)).result);
    expect((await row(id)).result).toBeNull();
    client.destroy();
  });
});
