import { once } from "node:events";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Session } from "../../../broker/session/session.ts";
import { Sessions } from "../../../broker/session/sessions.ts";
import { eventually, log, startPlatform, type TestPlatform } from "../platform.ts";
import { connectPacket, connectRaw, openRaw, type RawClient } from "../raw-client.ts";

/** Aedes 1.2.0 loses the new connection when the older one is closing already; here the new one waits for that. */
describe("a connection that takes a client id over [MQTT-3.1.4-2]", () => {
  let platform: TestPlatform;

  beforeAll(async () => {
    platform = await startPlatform({ anonymousLoopback: true });
  });
  afterAll(() => platform?.close());

  const subscribe = (topic: string) => ({
    cmd: "subscribe" as const,
    messageId: 1,
    subscriptions: [{ topic, qos: 1 as const }],
  });

  it("of many at once one stays, is served, and is closed by the next one", async () => {
    for (let round = 0; round < 10; round++) {
      const clients: RawClient[] = [];
      for (let n = 0; n < 20; n++) {
        const client = openRaw(platform.port);
        await once(client.socket, "connect");
        client.send(connectPacket({ clientId: "contested", clean: n % 3 === 0 }));
        client.send(subscribe(`contested/${n}`));
        // Some leave while they are being connected, or while they are being taken over.
        if (n % 4 === 1) setImmediate(() => client.destroy());
        for (let turn = 0; turn < n % 5; turn++) await new Promise((resolve) => setImmediate(resolve));
        clients.push(client);
      }
      const isOpen = (client: RawClient): boolean => !client.socket.destroyed && !client.socket.readableEnded;
      const isServed = (client: RawClient): boolean => client.received.some(({ cmd }) => cmd === "suback");
      await eventually(() => {
        const open = clients.filter(isOpen);
        return open.length <= 1 && open.every(isServed) && platform.broker.connections() === open.length;
      }, 10_000);
      const { client: last, returnCode } = await connectRaw(platform.port, { clientId: "contested" });
      expect(returnCode).toBe(0);
      await eventually(() => platform.broker.connections() === 1, 10_000);
      last.send(subscribe("contested/last"));
      await last.next("suback");
      last.send({ cmd: "publish", topic: "contested/last", payload: "x", qos: 0, dup: false, retain: false });
      expect(await last.next("publish")).toMatchObject({ topic: "contested/last" });
      last.destroy();
      await eventually(() => platform.broker.connections() === 0, 10_000);
    }
  });

  it("goes on with the session that the older one was using", async () => {
    const { client: older } = await connectRaw(platform.port, { clientId: "heir", clean: false });
    older.send(subscribe("heir/x"));
    await older.next("suback");
    const { client: newer } = await connectRaw(platform.port, { clientId: "heir", clean: false });
    await older.closed();
    expect(newer.received[0]).toMatchObject({ cmd: "connack", sessionPresent: true });
    newer.send({ cmd: "publish", topic: "heir/x", payload: "x", qos: 1, messageId: 5, dup: false, retain: false });
    expect(await newer.next("publish")).toMatchObject({ topic: "heir/x", qos: 1 });
    newer.destroy();
  });
});

it("waits five seconds at most for the older connection to end, which may end later without harm", async () => {
  const sessions = new Sessions(log, 100);
  const newSession = (): Session =>
    new Session(
      { type: "anonymous", id: "stuck" },
      { id: "stuck", close: () => undefined },
      { type: "loopback" },
      {
        disconnect: () => undefined,
        flushAcks: () => undefined,
      },
    );
  const [older, newer, newest] = [newSession(), newSession(), newSession()];
  await sessions.add(older);
  const from = performance.now();
  await sessions.add(newer);
  expect(performance.now() - from).toBeGreaterThan(90);
  expect(performance.now() - from).toBeLessThan(2000);
  sessions.remove(older);
  // The newer one still holds the client id: the next one takes it over from it.
  const taken = sessions.add(newest);
  expect(newer.takenOver).toBe(true);
  sessions.remove(newer);
  await taken;
});
