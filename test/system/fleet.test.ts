import { createHash } from "node:crypto";
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { describe, expect } from "vitest";
import { eventually } from "../broker/platform.ts";
import { connectPacket } from "../broker/raw-client.ts";
import { type BrokerProcess, brokerProcessTest } from "../support/broker-process.ts";

/** The full fleet with LONG=1, otherwise a twentieth of it. */
const SHARE = process.env.LONG === "1" ? 1 : 20;
const IDLE = 10_000 / SHARE;
const STORM = 5000 / SHARE;
const RSS_MB = 300;

// The devices are known before the broker starts.
const it = brokerProcessTest({}, async (pool) => {
  await pool.query("INSERT INTO devices (id, kind) SELECT 'truck-' || n, 'gps' FROM generate_series(1, $1::int) n", [
    IDLE,
  ]);
  await pool.query("INSERT INTO device_credentials (device_id, secret_sha256) SELECT id, $1 FROM devices", [
    createHash("sha256").update("secret").digest(),
  ]);
});

describe.skipIf(process.platform !== "linux")("a fleet", () => {
  const rssMb = async ({ launched }: BrokerProcess): Promise<number> => (await launched.residentBytes()) / 1024 ** 2;

  const connected = async ({ pool }: BrokerProcess): Promise<number> =>
    (await pool.query("SELECT FROM device_connections WHERE disconnected_at IS NULL")).rowCount ?? 0;
  const untilNobody = (broker: BrokerProcess) => eventually(async () => (await connected(broker)) === 0, 20_000);

  /** Connects a device, which retries after a second as devices do. Resolves at its CONNACK. */
  async function enter(port: number, n: number): Promise<Socket> {
    const id = `truck-${n}`;
    for (;;) {
      const socket = connect({ port, host: "127.0.0.1", noDelay: true });
      socket.write(connectPacket({ clientId: id, username: id, password: "secret", keepalive: 600 }));
      try {
        const [answer] = (await once(socket, "data", { signal: AbortSignal.timeout(30_000) })) as [Buffer];
        expect([...answer], id).toEqual([0x20, 2, 0, 0]);
        socket.on("error", () => undefined);
        return socket;
      } catch (error) {
        socket.on("error", () => undefined).destroy();
        if (!(error instanceof Error) || !("code" in error)) throw error;
        retries++;
        await new Promise((resolve) => setTimeout(resolve, 1000));
      }
    }
  }
  let retries = 0;
  const fleet = async ({ port }: BrokerProcess, count: number, atOnce: number): Promise<Socket[]> => {
    const sockets: Socket[] = [];
    for (let from = 0; from < count; from += atOnce) {
      sockets.push(...(await Promise.all(Array.from({ length: atOnce }, (_, n) => enter(port, from + n + 1)))));
    }
    return sockets;
  };

  it(`${IDLE} idle devices fit into ${RSS_MB} MB, and live views show all of them`, async ({ broker }) => {
    const before = await rssMb(broker);
    const sockets = await fleet(broker, IDLE, 500);
    await eventually(async () => (await connected(broker)) === IDLE, 20_000);
    const atOnce = await rssMb(broker);
    // Measured after the garbage of connecting has been collected.
    const isSmall = async (): Promise<boolean> => (await rssMb(broker)) < RSS_MB;
    await eventually(isSmall, 20_000).catch(() => undefined);
    const idle = await rssMb(broker);
    for (const socket of sockets) socket.destroy();
    console.log(`${IDLE} idle devices: ${[before, atOnce, idle].map(Math.round).join(", ")} MB before, at once, idle`);
    expect(idle).toBeLessThan(RSS_MB);
    await untilNobody(broker);
  }, 120_000);

  it(`${STORM} devices that reconnect at once are all connected within 60 s`, async ({ broker }) => {
    const from = performance.now();
    const sockets = await fleet(broker, STORM, STORM);
    const tookMs = performance.now() - from;
    console.log(`${STORM} devices connected in ${Math.round(tookMs)} ms, ${retries} tries more than one each`);
    expect(tookMs).toBeLessThan(60_000);
    for (const socket of sockets) socket.destroy();
    await untilNobody(broker);
  }, 120_000);
});
