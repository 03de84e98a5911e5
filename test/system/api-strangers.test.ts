import { connect } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startPlatform, type TestPlatform } from "../support/platform.ts";
import { memoryOf, pidOf } from "../support/platform-process.ts";

const ADMIN = { email: "admin@test.example", password: "correct horse battery staple" };
const MIB = 1024 * 1024;
let platform: TestPlatform;
beforeAll(async () => {
  platform = await startPlatform({ environment: { LOGIN_TRIES: "3/15min", TRUSTED_PROXIES: "127.0.0.1" } });
}, 90_000);
afterAll(() => platform?.close());

/** The resident memory of the API process, bytes. */
const apiMemory = async (): Promise<number> => memoryOf(await pidOf(platform, "api"));

const signIn = (body: object, address: string): Promise<Response> =>
  fetch(`${platform.api}/auth/login`, {
    method: "POST",
    headers: { "content-type": "application/json", "x-forwarded-for": address },
    body: JSON.stringify(body),
  });

test.runIf(process.platform === "linux")(
  "500 unfinished bodies of strangers cost less than 100 MiB",
  async () => {
    const { hostname, port } = new URL(platform.api);
    const before = await apiMemory();
    const megabyte = Buffer.alloc(MIB - 16, " ");
    const sockets = Array.from({ length: 500 }, (_, n) => {
      const socket = connect(Number(port), hostname).on("error", () => undefined);
      const route = n % 2 === 0 ? "/shipments" : "/auth/login";
      socket.write(
        `POST ${route} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\nffff0\r\n`,
      );
      socket.write(megabyte);
      return socket;
    });
    let most = 0;
    for (let n = 0; n < 20; n += 1) {
      await sleep(250);
      most = Math.max(most, await apiMemory());
    }
    for (const socket of sockets) socket.destroy();
    expect(most - before).toBeLessThan(100 * MIB);
    expect((await fetch(`${platform.api}/livez`)).status).toBe(200);
  },
  60_000,
);

test("100 strangers who guess passwords neither lock the owner out nor delay the right login beyond 3 s", async () => {
  const home = "198.51.100.7";
  const signInMs = async () => {
    const beganAt = performance.now();
    expect((await signIn(ADMIN, home)).status).toBe(200);
    return performance.now() - beganAt;
  };
  // What a sign-in costs on this machine, before and afterwards: others use it, too.
  const before = await signInMs();
  const junk = Array.from({ length: 100 }, (_, n) => signIn({ ...ADMIN, password: "wrong" }, `203.0.113.${n}`));
  await sleep(100);
  const tookMs = await signInMs();
  const statuses = (await Promise.all(junk)).map(({ status }) => status);
  expect(statuses.every((status) => [401, 429, 503].includes(status))).toBe(true);
  const aloneMs = Math.max(before, await signInMs());
  expect(tookMs).toBeLessThan(Math.max(3000, 4 * aloneMs));
}, 60_000);
