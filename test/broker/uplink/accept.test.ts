import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { JournalMessage, JournalWriter } from "../../../broker/journal/journal.ts";
import { addDevice, eventually, startPlatform, type TestPlatform } from "../platform.ts";
import { connectRaw, publishPacket, type RawClient } from "../raw-client.ts";

/** The real journal, whose callbacks can be delayed. */
class HeldJournal implements JournalWriter {
  readonly #inner: JournalWriter;
  held: Array<() => void> | undefined;
  failing = false;

  constructor(inner: JournalWriter) {
    this.#inner = inner;
  }
  get id() {
    return this.#inner.id;
  }
  get state() {
    return this.#inner.state;
  }
  get failureReason() {
    return this.#inner.failureReason;
  }
  get ackThrottle() {
    return this.#inner.ackThrottle;
  }
  append(message: JournalMessage, done: (error: Error | null) => void): void {
    if (this.failing) {
      queueMicrotask(() => done(new Error("disk full")));
      return;
    }
    this.#inner.append(message, (error) => {
      if (this.held) this.held.push(() => done(error));
      else done(error);
    });
  }
  hold(): void {
    this.held = [];
  }
  release(): void {
    const held = this.held ?? [];
    this.held = undefined;
    for (const answer of held) answer();
  }
  pending() {
    return this.#inner.pending();
  }
  size() {
    return this.#inner.size();
  }
  close() {
    return this.#inner.close();
  }
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

describe("a publish", () => {
  let platform: TestPlatform;
  let journal: HeldJournal;
  let secret: string;
  let otherSecret: string;
  let client: RawClient;

  beforeAll(async () => {
    // The deadline is further away than any test here takes.
    platform = await startPlatform(
      { maxPendingMessages: 50, commitDeadlineMs: 60_000 },
      (inner) => (journal = new HeldJournal(inner)),
    );
    secret = await addDevice(platform.pool, "truck-1", 0);
    otherSecret = await addDevice(platform.pool, "truck-2", 0);
    const connected = await eventually(async () => {
      const tried = await connectRaw(platform.port, { clientId: "truck-1", username: "truck-1", password: secret });
      return tried.returnCode === 0 ? tried : undefined;
    });
    client = connected.client;
  });
  afterAll(() => platform?.close());

  it("is acknowledged only after the journal has it, at QoS 1 and 2", async () => {
    journal.hold();
    client.send(publishPacket("devices/truck-1/gps", "one", 1, 7));
    client.send(publishPacket("devices/truck-1/gps", "two", 2, 8));
    await eventually(() => journal.held?.length === 2);
    await pause(100);
    expect(client.received.map(({ cmd }) => cmd)).toEqual(["connack"]);
    journal.release();
    expect(await client.next("puback")).toMatchObject({ messageId: 7 });
    expect(await client.next("pubrec")).toMatchObject({ messageId: 8 });
    client.send({ cmd: "pubrel", messageId: 8 });
    expect(await client.next("pubcomp")).toMatchObject({ messageId: 8 });
    const stored = await platform.journalled();
    expect(stored.map(({ clientId, topic, payload }) => [clientId, topic, payload.toString()])).toEqual([
      ["truck-1", "devices/truck-1/gps", "one"],
      ["truck-1", "devices/truck-1/gps", "two"],
    ]);
  });

  it("is acknowledged in order of receipt, also when many arrive in one chunk", async () => {
    const ids = Array.from({ length: 500 }, (_, index) => index + 1);
    client.received.length = 0;
    client.send(Buffer.concat(ids.map((id) => publishPacket("devices/truck-1/gps", `{"n":${id}}`, 1, id))));
    await eventually(() => client.received.length === 500);
    expect(client.received.map((packet) => packet.messageId)).toEqual(ids);
  });

  it("does not delay a ping behind it while it waits for the disk", async () => {
    journal.hold();
    client.send(publishPacket("devices/truck-1/gps", "slow", 1, 9));
    client.send(publishPacket("devices/truck-1/gps", "slow", 1, 10));
    client.send({ cmd: "pingreq" });
    await eventually(() => client.received.some(({ cmd }) => cmd === "pingresp"));
    expect(client.received.at(-1)).toMatchObject({ cmd: "pingresp" });
    journal.release();
  });

  it("stays in the socket while too many wait for the disk, and is read afterwards", async () => {
    await eventually(() => client.received.filter(({ cmd }) => cmd === "puback").length === 502);
    client.received.length = 0;
    journal.hold();
    const send = async (from: number): Promise<void> => {
      for (let id = from; id < from + 100; id++)
        client.send(publishPacket("devices/truck-1/gps", "x".repeat(2000), 1, id));
      await pause(50);
    };
    for (let round = 0; round < 10; round++) await send(1000 + round * 100);
    const reached = journal.held!.length;
    expect(reached).toBeLessThan(150);
    journal.release();
    await eventually(() => client.received.length === 1000);
    expect(client.received.map((packet) => packet.messageId)).toEqual(
      Array.from({ length: 1000 }, (_, index) => 1000 + index),
    );
  });

  it("waits in order while the journal refuses it, pings are answered meanwhile, and is acknowledged later", async () => {
    journal.failing = true;
    client.received.length = 0;
    for (const id of [11, 12, 13]) client.send(publishPacket("devices/truck-1/gps", "late", 1, id));
    await pause(300);
    expect(client.received).toEqual([]);
    client.send({ cmd: "pingreq" });
    const other = await connectRaw(platform.port, { clientId: "truck-2", username: "truck-2", password: otherSecret });
    expect(other.returnCode).toBe(0);
    other.client.send(publishPacket("devices/truck-2/gps", "late", 1, 1));
    await pause(200);
    expect(other.client.received.map(({ cmd }) => cmd)).toEqual(["connack"]);
    journal.failing = false;
    await other.client.next("puback");
    other.client.destroy();
    await eventually(() => client.received.length === 4);
    expect(client.received.flatMap(({ cmd, messageId }) => (cmd === "puback" ? [messageId] : []))).toEqual([
      11, 12, 13,
    ]);
  });

  it("closes its connection without PUBACK after the deadline, which does not count against the connect rate", async () => {
    let refusing: HeldJournal | undefined;
    const strict = await startPlatform(
      { commitDeadlineMs: 400, connectsPerMinute: 2 },
      (inner) => (refusing = new HeldJournal(inner)),
    );
    const password = await addDevice(strict.pool, "truck-3", 0);
    const join = () =>
      eventually(async () => {
        const tried = await connectRaw(strict.port, { clientId: "truck-3", username: "truck-3", password });
        return tried.returnCode === 0 && tried.client;
      });
    refusing!.failing = true;
    for (let round = 0; round < 4; round++) {
      const again = await join();
      again.send(publishPacket("devices/truck-3/gps", "lost?", 1, 14));
      await again.closed();
      expect(again.received.map(({ cmd }) => cmd)).toEqual(["connack"]);
    }
    refusing!.failing = false;
    const last = await join();
    last.send(publishPacket("devices/truck-3/gps", "lost?", 1, 14));
    await last.next("puback");
    last.destroy();
    await strict.close();
  });
});
