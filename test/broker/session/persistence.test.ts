import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { pino } from "pino";
import { describe, expect, it } from "vitest";
import { Persistence } from "../../../broker/session/persistence.ts";
import type { Message } from "../../../broker/session/stored-packets.ts";
import { DEFAULT_BROKER_SETTINGS } from "../../../broker/settings.ts";

const SUITE = join(import.meta.dirname, "persistence-suite.ts");

describe("the persistence", () => {
  it("passes the suite of aedes-persistence, but for the QoS 2 message of which only the packet id is kept", async () => {
    const args = ["--import", "tsx", "--test-reporter=tap", SUITE];
    const { stdout } = await promisify(execFile)(process.execPath, args);
    const count = (of: string): number => Number(new RegExp(`^# ${of} (\\d+)$`, "m").exec(stdout)?.[1]);
    expect(["pass", "fail", "cancelled", "skipped", "todo"].map(count)).toEqual([49, 0, 0, 1, 0]);
  });

  const open = (limits: Partial<typeof DEFAULT_BROKER_SETTINGS.memory> = {}): Persistence =>
    new Persistence({ limits: { ...DEFAULT_BROKER_SETTINGS.memory, ...limits }, log: pino({ level: "silent" }) });
  const client = { id: "truck" };
  const message = (brokerCounter: number, payload = "12345678"): Message => ({
    cmd: "publish",
    brokerId: "broker",
    brokerCounter,
    topic: "t",
    payload,
    qos: 2,
  });
  const queued = async (persistence: Persistence): Promise<object[]> => persistence.outgoingStream(client).toArray();

  it("knows a received QoS 2 message by its packet id until its PUBREL", async () => {
    const persistence = open();
    await persistence.incomingStorePacket(client, { messageId: 42 });
    expect(await persistence.incomingGetPacket(client, { messageId: 42 })).toEqual({ messageId: 42 });
    await persistence.incomingDelPacket(client, { messageId: 42 });
    await expect(persistence.incomingGetPacket(client, { messageId: 42 })).rejects.toThrow("no such packet");
  });

  it("sends a queue again with its packet ids and DUP, and goes on counting [MQTT-4.4.0-1] [MQTT-2.3.1-2]", async () => {
    const persistence = open();
    persistence.clientConnected("truck", true);
    for (const counter of [1, 2]) await persistence.outgoingEnqueue({ clientId: "truck" }, message(counter));
    const first = await queued(persistence);
    expect(first).toMatchObject([
      { messageId: 1, dup: false },
      { messageId: 2, dup: false },
    ]);
    await persistence.outgoingUpdate(client, { ...message(1), messageId: 1 });
    persistence.clientDisconnected("truck");
    persistence.clientConnected("truck", true);
    expect(await queued(persistence)).toMatchObject([
      { messageId: 1, dup: true },
      { messageId: 3, dup: false },
    ]);
  });

  it("has room again for the bytes of a QoS 2 message once its PUBREC has come", async () => {
    const persistence = open({ queuedBytes: 10 });
    const enqueue = (counter: number) => persistence.outgoingEnqueue({ clientId: "truck" }, message(counter));
    await enqueue(1);
    await enqueue(2);
    expect(await queued(persistence)).toHaveLength(1);
    await persistence.outgoingUpdate(client, { ...message(1), messageId: 7 });
    await persistence.outgoingUpdate(client, { cmd: "pubrel", messageId: 7 });
    await enqueue(3);
    expect(await queued(persistence)).toMatchObject([{ cmd: "pubrel", messageId: 7 }, { brokerCounter: 3 }]);
    await persistence.outgoingClearMessageId(client, { messageId: 7 });
    await enqueue(4);
    expect(await queued(persistence)).toHaveLength(1);
  });

  it("keeps a payload without the 64 KB read of the socket that it came in", async () => {
    const persistence = open();
    const payload = Buffer.alloc(65_536).subarray(100, 108);
    await persistence.storeRetained({ topic: "t", payload });
    await persistence.outgoingEnqueue({ clientId: "truck" }, { ...message(1), payload });
    const stored = [...(await persistence.createRetainedStream("t").toArray()), ...(await queued(persistence))];
    expect(stored.map((packet) => (packet as { payload: Buffer }).payload.buffer.byteLength)).toEqual([8, 8]);
  });

  it("does not let a client be registered that has closed meanwhile", async () => {
    const outcome = await Promise.race([
      open().delWill({ id: "truck", closed: true }),
      new Promise((resolve) => setTimeout(resolve, 50, "waits")),
    ]);
    expect(outcome).toBe("waits");
  });
});
