import { once } from "node:events";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { WebSocket } from "ws";
import { createClientAddress } from "../../../infra/runtime/client-address.ts";
import { addDevice, eventually, startPlatform, type TestPlatform } from "../platform.ts";
import { connectPacket } from "../raw-client.ts";

const webSocket = { host: "127.0.0.1", port: 0, tls: false };

/** Opens a WebSocket as a page or a program would. @returns "open", or the message of the refusal */
async function open(platform: TestPlatform, headers: Record<string, string>): Promise<string> {
  const socket = new WebSocket(`ws://127.0.0.1:${platform.broker.wsPort}/mqtt`, ["mqtt"], { headers });
  const outcome = await once(socket, "open").then(
    () => "open",
    (error: Error) => error.message,
  );
  socket.on("error", () => undefined).terminate();
  return outcome;
}

describe("in anonymous mode", () => {
  let platform: TestPlatform;
  beforeAll(async () => {
    platform = await startPlatform({
      webSocket,
      anonymousLoopback: true,
      allowedOrigins: ["https://waystock.example"],
      clientAddress: createClientAddressOrSame(["127.0.0.1"]),
    });
  });
  afterAll(() => platform?.close());

  it.each([
    "https://evil.example",
    "http://localhost.evil.example",
    "http://127.0.0.1.evil.example:8083",
    "https://waystock.example.evil.example",
    "null",
    "nonsense",
  ])("a page of %s cannot open a WebSocket", async (origin) => {
    expect(await open(platform, { Origin: origin })).toContain("403");
  });

  it("programs, and pages of the platform and of this machine, can", async () => {
    expect(await open(platform, {})).toBe("open");
    for (const origin of [
      "https://waystock.example",
      "http://localhost:5173",
      "http://127.0.0.1:8080",
      "http://[::1]",
    ]) {
      expect(await open(platform, { Origin: origin }), origin).toBe("open");
    }
  });

  it("a client that a trusted proxy forwards is not taken for one of this machine", async () => {
    const returnCode = async (headers: Record<string, string>): Promise<number | undefined> => {
      const socket = new WebSocket(`ws://127.0.0.1:${platform.broker.wsPort}/mqtt`, ["mqtt"], { headers });
      await once(socket, "open");
      socket.send(connectPacket({ clientId: "tool" }));
      const [answer] = (await once(socket, "message")) as [Buffer];
      socket.terminate();
      return answer[3];
    };
    expect(await returnCode({})).toBe(0);
    expect(await returnCode({ "X-Forwarded-For": "203.0.113.7" })).toBe(5);
    expect(await returnCode({ "X-Forwarded-For": "127.0.0.1, 203.0.113.7" })).toBe(5);
  });

  it("wrong secrets of a client behind a trusted proxy lock out that client alone, which is told for how long", async () => {
    const secret = await addDevice(platform.pool, "gate-1");
    const send = (address: string, password: string) =>
      fetch(`http://127.0.0.1:${platform.broker.wsPort}/ingest/native?id=gate-1&kind=gps`, {
        method: "POST",
        headers: {
          "X-Forwarded-For": address,
          authorization: `Basic ${Buffer.from(`gate-1:${password}`).toString("base64")}`,
        },
        body: "[]",
      });
    await eventually(async () => (await send("198.51.100.7", secret)).status === 200);
    let answer = await send("203.0.113.9", "wrong");
    for (let n = 0; n < 20 && answer.status === 401; n += 1) answer = await send("203.0.113.9", "wrong");
    expect(answer.status).toBe(429);
    expect(Number(answer.headers.get("Retry-After"))).toBeGreaterThan(0);
    expect(await answer.json()).toMatchObject({ status: 429, detail: "too many failed logins from this address" });
    expect((await send("203.0.113.9", secret)).status).toBe(429);
    expect((await send("198.51.100.7", secret)).status).toBe(200);
  });
});

describe("with credentials only", () => {
  let platform: TestPlatform;
  beforeAll(async () => {
    platform = await startPlatform({ webSocket });
  });
  afterAll(() => platform?.close());

  it("any page may open a WebSocket: its CONNECT needs a secret", async () => {
    expect(await open(platform, { Origin: "https://customer.example" })).toBe("open");
  });
});

function createClientAddressOrSame(trusted: string[]) {
  const resolve = createClientAddress(trusted);
  return (address: string, forwardedFor: string | undefined): string => resolve(address, forwardedFor) ?? address;
}
